"""The inputs of a spec's graph, as entry points bind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from keyword import iskeyword
from unicodedata import normalize

from rl2graph.diagnostics import nearest
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import Value
from rl2graph.ir.table import emitted_names


class Inputs:
    """Where a graph reads an input (`act`), or a part of one (`obs.camera`)."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._users = graph.users()
        self._nodes = {
            index: ".".join((node.input_name, *node.input_path))
            for index, node in enumerate(graph.nodes)
            if node.op == "input"
        }

    def nodes(self, name: str) -> list[int]:
        """The nodes that are that input, or the part of it, or its parts.

        Raises:
            KeyError: there is none.
        """
        found = [index for index, known in self._nodes.items() if known == name or _is_part(known, name)]
        if not found:
            raise KeyError(unknown("input", name, dict.fromkeys(self._nodes.values())))
        return found

    def presented(self, name: str) -> int:
        """The node by which the graph reads an input: itself, or the last of the ops that encode it.

        Raises:
            KeyError: there is none.
            ValueError: it has parts.
        """
        index, *others = self.nodes(name)
        if others or self._nodes[index] != name:
            parts = [known for known in dict.fromkeys(self._nodes.values()) if _is_part(known, name)]
            raise ValueError(f"input {name!r} has parts, which are bound one by one: {', '.join(parts)}")
        while len(set(self._users[index])) == 1:
            (user,) = set(self._users[index])
            if not self._graph.nodes[user].spec.encodes_input:
                break
            index = user
        return index


def refuse_overlap(bound: Iterable[str]) -> None:
    """Raises ValueError where an input and a part of it are both bound."""
    names = list(bound)
    for name in names:
        for part in names:
            if _is_part(part, name):
                raise ValueError(f"input {name!r} is bound, and {part!r}, which is a part of it, too")


def renamed(node: Node, bound: str, name: str) -> Node:
    """The node of another input, of the type of the bound one that a node is, or is a part of.

    Raises:
        ValueError: an input of emitted code cannot be called so.
    """
    _refuse_name(name)
    whole = (node.input_name, *node.input_path)
    left = next(whole[n:] for n in range(1, len(whole) + 1) if ".".join(whole[:n]) == bound)
    given: dict[str, Value] = {"name": name, "path": left}
    return replace(node, attributes=tuple((k, given.get(k, value)) for k, value in node.attributes))


def _refuse_name(name: str) -> None:
    plain = name.isidentifier() and not name.startswith("__") and normalize("NFKC", name) == name
    if not plain or iskeyword(name) or name in emitted_names():
        raise ValueError(f"{name!r} cannot be an input's name")


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What is said of a name that there is not."""
    names = list(known)
    near = nearest(name, names)
    hint = f"; did you mean {near!r}?" if near else ""
    listed = f", the {what}s are {', '.join(names)}" if what != "op" else ""
    return f"no {what} {name!r}{listed}{hint}"


def _is_part(name: str, whole: str) -> bool:
    return name.startswith(f"{whole}.")
