"""What `-O1` may leave out and respell, said again: from the descriptions of the ops, not from their entries.

Each law is about one node, its attributes and the types of its operands. None imports torch.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from rl2graph.ir.graph import Graph, Node

MERGING, PASSING, FOLDING, SPELLING, DROPPING = "merging", "passing on", "folding", "spelling", "dropping"

LAWS = {
    "inline": PASSING,
    "canonicalise": SPELLING,
    "fold": FOLDING,
    "dedup": MERGING,
    "prune": DROPPING,
}
"""What each pass may do, by its name."""

NOISE_ALONE = ("dropout", "noise", "random_shift")
"""They give their operand where no noise is given."""

IDEMPOTENT = ("relu", "abs", "sign", "clip", "detach")

NEUTRAL = {"add": (-0.0, -0.0), "sub": (None, 0.0), "mul": (1.0, 1.0), "div": (None, 1.0)}
"""The number that changes no bit of the other operand, on the left and on the right."""

ALONG_AN_AXIS = (
    "concat", "repeat", "slice", "select", "squeeze", "softmax", "log_softmax", "normalize", "argmax",
    "sum", "mean", "amax", "amin", "logsumexp", "var",
)  # fmt: skip
ALONG_A_NEW_AXIS = ("stack", "unsqueeze")
WINDOWS = ("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d")


def same_bits(one: Any, other: Any) -> bool:
    """Whether two attributes' values are of one type and equal, bit for bit."""
    if type(one) is not type(other):
        return False
    if type(one) is float:
        return struct.pack(">d", one) == struct.pack(">d", other)
    if type(one) is tuple:
        return len(one) == len(other) and all(map(same_bits, one, other))
    return bool(one == other)


def same_attributes(one: Node, other: Node) -> bool:
    """Whether two nodes have the same attributes, by name, type and bits."""
    return len(one.attributes) == len(other.attributes) and all(
        name == its_name and same_bits(value, its_value)
        for (name, value), (its_name, its_value) in zip(one.attributes, other.attributes, strict=True)
    )


def passes_on(graph: Graph, node: Node) -> bool:
    """Whether a node gives its first operand itself, values and gradients alike."""
    if node.op in NOISE_ALONE:
        return node.evaluation is None
    law = _PASSES_ON.get(node.op)
    return law is not None and law(graph.nodes[node.operands[0]].type, node)


def _whole(x: Any, node: Node) -> bool:
    start, stop, axis = (_integer(node, name) for name in ("start", "stop", "axis"))
    length = x.shape[axis]
    return start in (0, -length) and stop in (None, length)


_PASSES_ON: dict[str, Callable[[Any, Node], bool]] = {
    "flatten": lambda x, node: len(x.shape) == 1,
    "reshape": lambda x, node: x.shape == node.type.shape,
    "permute": lambda x, node: [a % len(x.shape) for a in node.values["axes"]] == [*range(len(x.shape))],
    "concat": lambda x, node: len(node.operands) == 1,
    "repeat": lambda x, node: node.values["times"] == 1,
    "slice": _whole,
    "pad": lambda x, node: not any(node.values["sizes"]),
    "cast": lambda x, node: x.dtype == node.values["dtype"],
}


def folds_to(graph: Graph, node: Node, operands: Sequence[int]) -> int | None:
    """The operand that a node gives, whatever it is: `operands` are what its own have become."""
    if node.op in NEUTRAL:
        for place, number in enumerate(NEUTRAL[node.op]):
            beside = graph.nodes[operands[place]]
            if number is not None and beside.op == "constant" and same_bits(_number(beside), number):
                return operands[1 - place]
    if node.op in IDEMPOTENT:
        before = graph.nodes[operands[0]]
        if before.op == node.op and same_attributes(before, node):
            return operands[0]
    return None


def spelt(graph: Graph, node: Node) -> Node:
    """The node with attributes in one spelling for all that mean the same: axes and places from the first."""
    given = dict(node.attributes)
    x = graph.nodes[node.operands[0]].type if node.operands else None
    if node.op in ALONG_AN_AXIS:
        given["axis"] = _integer(node, "axis") % len(x.shape)
    elif node.op in ALONG_A_NEW_AXIS:
        given["axis"] = _integer(node, "axis") % (len(x.shape) + 1)
    if node.op == "select":
        given["index"] = _integer(node, "index") % x.shape[given["axis"]]
    elif node.op == "slice":
        length = x.shape[given["axis"]]
        stop = length if given["stop"] is None else given["stop"]
        given["start"] %= length
        given["stop"] = stop if stop > 0 else stop + length
    elif node.op in WINDOWS and given["stride"] is None:
        given["stride"] = given["kernel"]
    elif node.op in ("adaptive_avg_pool2d", "adaptive_max_pool2d"):
        given["size"] = (given["size"][0], given["size"][-1])
    elif node.op == "reshape":
        given["shape"] = node.type.shape
    elif node.op == "permute":
        given["axes"] = tuple(axis % len(x.shape) for axis in given["axes"])
    elif node.op == "pad":
        given["sizes"] = (*given["sizes"], *(0,) * (2 * len(x.shape) - len(given["sizes"])))
    if all(same_bits(given[name], value) for name, value in node.attributes):
        return node
    return Node(
        node.op,
        node.operands,
        tuple(given.items()),
        node.type,
        node.owner,
        node.version,
        node.evaluation,
        node.slot,
    )


def _integer(node: Node, name: str) -> Any:
    return dict(node.attributes)[name]


def _number(node: Node) -> Any:
    return dict(node.attributes)["value"]
