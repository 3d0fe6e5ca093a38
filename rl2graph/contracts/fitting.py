"""Whether outputs can be what their roles say, before any algorithm is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.contracts.check import trained_from
from rl2graph.contracts.heads import policy_width
from rl2graph.contracts.problem import Problem
from rl2graph.ir.graph import Graph
from rl2graph.spaces import Box, Space, choices_of

CRITICS = ("q", "q1", "q2")


def misfits(graph: Graph, action: Space | None) -> Iterator[Problem]:
    """Outputs whose shape leaves no room for what their role holds for those actions: `pi` and `mu` along the
    last axis, `q` along any, where it does not read the action.
    """
    for output in graph.outputs:
        node = graph.nodes[output.node]
        width = _width(output.role, action)
        if width is None or not node.type.known:
            continue
        is_critic = output.role in CRITICS
        dims = node.type.dims if is_critic else node.type.dims[-1:]
        if width in dims or (is_critic and _reads_action(graph, output.node)):
            continue
        numbers = "one number" if width == 1 else f"{width} numbers"
        message = f"`{output.name}` is {node.type}; its role takes {numbers} for the actions {action}"
        yield Problem("RLG908", message, f"`{output.name} = head(…)` has the right shape", output.node)


def idle_losses(graph: Graph) -> Iterator[Problem]:
    """Losses that move no weight: they read none, or only frozen ones and what is behind a `detach`."""
    for loss in graph.losses:
        if any(not graph.owner[path].frozen for path in trained_from(graph, [loss.node])):
            continue
        live = graph.live([loss.node])
        owners = {node.owner for node, alive in zip(graph.nodes, live, strict=True) if alive and node.owner}
        if not owners:
            message, hint = "it reads no weights", "let it read what the network gives, or leave it out"
        elif all(graph.owner[path].frozen for path in owners):
            message, hint = "all weights that it reads are `@frozen`", "leave it out, or `@frozen`"
        else:
            message, hint = "every path to weights is detached", "remove one `detach`, or leave it out"
        yield Problem("RLG909", f"the loss `{loss.name}` trains nothing: {message}", hint, loss=loss.name)


def _width(role: str | None, action: Space | None) -> int | None:
    """How many numbers an output of that role holds for an action; None where that is not known."""
    if action is None:
        return None
    if role == "pi":
        return policy_width(action)
    if role == "mu" and isinstance(action, Box) and action.tensor_type.known:
        return action.size
    return choices_of(action) if role in CRITICS else None


def _reads_action(graph: Graph, node: int) -> bool:
    live = graph.live([node])
    return any(
        alive and n.op == "input" and n.input_name == "act"
        for alive, n in zip(live, graph.nodes, strict=True)
    )
