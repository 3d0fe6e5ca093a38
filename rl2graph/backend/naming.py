"""Python names for the values of a graph."""

from __future__ import annotations

import re
from keyword import iskeyword

from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.reserved import EMITTED_NAMES, free_name
from rl2graph.ir.table import functions_of

_POSITIONAL = ("obs", "act")


def value_names(graph: Graph) -> list[str]:
    """One identifier per node: inputs keep their names, others take their provenance's."""
    inputs = set(graph.inputs)
    helpers = functions_of(helper for node in graph.nodes for helper in node.spec.helpers)
    used = {*EMITTED_NAMES, *inputs, *helpers}
    names = []
    for index, node in enumerate(graph.nodes):
        if is_argument(node):
            names.append(node.input_name)
            continue
        place = graph.where(index)
        stem = place.name if isinstance(place, Provenance) else node.owner or node.op
        stem = re.sub(r"\W+", "_", stem)
        if not stem.isidentifier() or iskeyword(stem):
            stem = f"_{stem}" if f"_{stem}".isidentifier() else node.op
        names.append(free_name(stem, used))
        used.add(names[-1])
    return names


def is_argument(node: Node) -> bool:
    """Whether a node is a whole input, and so an argument of `forward`."""
    return node.op == "input" and not node.input_path


def signature(graph: Graph, *, recurrent: bool = False, noisy: bool = False) -> str:
    """Parameters of `forward`: `obs` and `act` by position, every further input by keyword, then state and
    noise where the graph takes any.
    """
    positional = [name for name in _POSITIONAL if name in graph.inputs]
    further = [name for name in graph.inputs if name not in _POSITIONAL]
    further += ["state=None", "resets=None"] * recurrent + ["noise=None"] * noisy
    return ", ".join(["self", *positional, *(["*", *further] if further else [])])


def target_attribute(graph: Graph) -> str:
    """The attribute of an entry's module that holds the weights of the version `target`."""
    return free_name("target", {owner.path.split(".")[0] for owner in graph.owners})


def class_name(stem: str) -> str:
    """`ppo_shared` as `PpoShared`."""
    words = re.findall(r"[A-Za-z0-9]+", stem)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"Model{name}" if not name.isidentifier() or iskeyword(name) or name in EMITTED_NAMES else name
