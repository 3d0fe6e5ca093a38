"""Which evaluations are one computation, in the graph as written and in the deduplicated one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace

from rl2graph.ir.graph import Graph, computation


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is shared in one of two graphs; a sequence has one entry per node.

    Attributes:
        written: how many evaluations, as written, are the computation of this node.
        first: the first node of this graph with the same computation.
        ordinal: which one this is among those of this graph, counted from 1.
        again: whether an earlier node of this graph reads the same weights.
        readers: names of the outputs that depend on the node.
        group: what the node is part of (the first name of its path), where it is shared; nodes of one group
            have one colour in both graphs.
        groups: every group, in order of appearance.
    """

    written: tuple[int, ...]
    first: tuple[int, ...]
    ordinal: tuple[int, ...]
    again: tuple[bool, ...]
    readers: tuple[tuple[str, ...], ...]
    group: tuple[str | None, ...]
    groups: tuple[str, ...]

    def merged(self, node: int) -> bool:
        """Whether deduplication joins this computation, or joined it."""
        return self.written[node] > 1


def share(before: Graph, after: Graph) -> tuple[Sharing, Sharing]:
    """The sharing of the graph as written and of the graph that deduplication made of it."""
    known: dict[Hashable, int] = {}
    numbers = [_number(graph, known) for graph in (before, after)]
    written = Counter(numbers[0])
    reads = Counter(node.owner for node in before.nodes if node.owner is not None)
    groups: dict[str, None] = {}
    one = _sharing(before, numbers[0], written, reads, groups)
    other = _sharing(after, numbers[1], written, reads, groups)
    names = tuple(groups)
    return replace(one, groups=names), replace(other, groups=names)


def node_name(graph: Graph, node: int) -> str:
    """What a reader calls the node's value."""
    place = graph.where(node)
    name = getattr(place, "name", None)
    return name if isinstance(name, str) and name else graph.nodes[node].owner or f"%{node}"


def _number(graph: Graph, known: dict[Hashable, int]) -> list[int]:
    """For each node its computation's number; `known` makes the numbers of several graphs comparable."""
    numbers: list[int] = []
    for node in graph.nodes:
        key = computation(node, tuple(numbers[operand] for operand in node.operands))
        numbers.append(known.setdefault(key, len(known)))
    return numbers


def _sharing(
    graph: Graph,
    numbers: list[int],
    written: Counter[int],
    reads: Counter[str],
    groups: dict[str, None],
) -> Sharing:
    first: dict[int, int] = {}
    seen: Counter[int] = Counter()
    met: set[str | None] = {None}
    ordinal, group, again = [], [], []
    readers = _readers(graph)
    for index, node in enumerate(graph.nodes):
        number = numbers[index]
        first.setdefault(number, index)
        seen[number] += 1
        ordinal.append(seen[number])
        again.append(node.owner is not None and node.owner in met)
        met.add(node.owner)
        several = node.owner is not None and reads[node.owner] > 1
        shared = written[number] > 1 or several or len(readers[index]) > 1
        if shared and node.op not in ("input", "constant"):
            group.append(node_name(graph, index).partition(".")[0])
            groups.setdefault(group[-1])
        else:
            group.append(None)
    return Sharing(
        written=tuple(max(written[number], 1) for number in numbers),
        first=tuple(first[number] for number in numbers),
        ordinal=tuple(ordinal),
        again=tuple(again),
        readers=readers,
        group=tuple(group),
        groups=(),
    )


def _readers(graph: Graph) -> tuple[tuple[str, ...], ...]:
    # One bit per output: sets of names would be quadratic on deep graphs with many outputs.
    masks = [0] * len(graph.nodes)
    for bit, output in enumerate(graph.outputs):
        masks[output.node] |= 1 << bit
    for index in range(len(graph.nodes) - 1, -1, -1):
        for operand in graph.nodes[index].operands:
            masks[operand] |= masks[index]
    names: dict[int, tuple[str, ...]] = {}
    for mask in masks:
        if mask not in names:
            names[mask] = tuple(o.name for bit, o in enumerate(graph.outputs) if mask >> bit & 1)
    return tuple(names[mask] for mask in masks)
