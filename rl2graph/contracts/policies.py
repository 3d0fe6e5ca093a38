"""Whether the numbers of a policy are what the distributions of its actions take them for."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.contracts.heads import policy_width
from rl2graph.contracts.problem import Problem
from rl2graph.ir.graph import Graph, Node
from rl2graph.spaces import Box, Record, Space, leaves_of


def wrong_numbers(graph: Graph, policy: int, action: Space | None, name: str) -> Iterator[Problem]:
    """What the parameters of a policy of the right width cannot be: those of a squashed Gaussian, which
    would be read as those of a plain one; means and deviations under a mask, or where logits are read.
    """
    logits = None if action is None else _logits(action)
    stack = [(policy, 0)]
    while stack:
        index, start = stack.pop()
        node = graph.nodes[index]
        if node.op == "squashed_gaussian":
            yield Problem(
                "RLG504",
                f"{name} acts by a plain Gaussian, so nothing would squash this one",
                "write `head(…)` or `gaussian(…)`; `squashed_gaussian` is SAC's distribution",
                index,
            )
        elif node.op in ("masked", "gaussian") and logits is not None and node.type.known:
            columns = logits[start : start + node.type.dims[-1]]
            if node.op == "masked":
                if not all(columns):
                    yield _masked(action, index)
                else:
                    stack.append((node.operands[0], start))
            elif any(columns):
                message = f"{name} reads logits here, for {action}, and these are means and log deviations"
                yield Problem("RLG504", message, "write `head(…)`", index)
        elif node.op == "concat" and all(graph.nodes[o].type.known for o in node.operands):
            parts = list(zip(node.operands, _starts(graph, node, start), strict=True))
            stack += reversed(parts)


def _masked(action: Space | None, index: int) -> Problem:
    if isinstance(action, Record):
        hint = "mask the logits of one part: `concat(masked(categorical(e, 3), mask), gaussian(e, 2))`"
    else:
        hint = "leave `masked` out: the environment clips actions to its bounds"
    message = f"a mask is for logits, and this one covers means and log deviations of {action}"
    return Problem("RLG504", message, hint, index)


def _starts(graph: Graph, joined: Node, start: int) -> Iterator[int]:
    """The first column of each operand of a `concat`."""
    for operand in joined.operands:
        yield start
        start += graph.nodes[operand].type.dims[-1]


def _logits(action: Space) -> list[bool] | None:
    """For each number of a policy over an action whether it is a logit; None where their count is open."""
    columns: list[bool] = []
    for _, part in leaves_of(action):
        width = policy_width(part)
        if width is None:
            return None
        columns += [not isinstance(part, Box)] * width
    return columns
