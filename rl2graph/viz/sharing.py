"""Which evaluations are one computation, in the graph as written and in the deduplicated one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from rl2graph.ir.graph import Graph, computation

_GIVEN = ("input", "constant")


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is shared in one of two graphs; a sequence has one entry per node.

    Attributes:
        written: how many evaluations, as written, are the computation of this node.
        first: the first node of this graph with the same computation.
        ordinal: which one this is among those of this graph, counted from 1.
        again: whether an earlier node of this graph reads the same weights.
        readers: names of the outputs that depend on the node.
        group: index into `groups` of what the node is part of, where it merges or shares its weights.
        groups: names of what is used several times, in order of appearance, the same for both graphs.
    """

    written: tuple[int, ...]
    first: tuple[int, ...]
    ordinal: tuple[int, ...]
    again: tuple[bool, ...]
    readers: tuple[tuple[str, ...], ...]
    group: tuple[int | None, ...]
    groups: tuple[str, ...]

    def merged(self, node: int) -> bool:
        """Whether deduplication joins this computation, or joined it."""
        return self.written[node] > 1


def share(before: Graph, after: Graph) -> tuple[Sharing, Sharing]:
    """The sharing of the graph as written and of the graph that deduplication made of it."""
    known: dict[Hashable, int] = {}
    numbers = _number(before, known), _number(after, known)
    written = Counter(numbers[0])
    group_of, groups = _groups(before, numbers[0], written)
    one, other = (
        _sharing(graph, own, written, group_of, groups)
        for graph, own in zip((before, after), numbers, strict=True)
    )
    return one, other


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


def _groups(
    graph: Graph, numbers: list[int], written: Counter[int]
) -> tuple[dict[int, int], tuple[str, ...]]:
    """For each computation that is shared its group, and the groups' names.

    Computations are one group where one reads the other and they merge equally often, or where they read the
    same weights: all of `f` in `f(obs)`, written twice.
    """
    reads = Counter(node.owner for node in graph.nodes if node.owner is not None)
    parent: dict[int, int] = {}
    by_owner: dict[str, int] = {}
    for node, number in zip(graph.nodes, numbers, strict=True):
        several = node.owner is not None and reads[node.owner] > 1
        if node.op in _GIVEN or not (several or written[number] > 1):
            continue
        parent.setdefault(number, number)
        if node.owner is not None:
            _join(parent, number, by_owner.setdefault(node.owner, number))
        for operand in (numbers[place] for place in node.operands):
            if operand in parent and written[operand] == written[number]:
                _join(parent, number, operand)
    names: dict[int, str] = {}
    for owned in (True, False):
        for index, (node, number) in enumerate(zip(graph.nodes, numbers, strict=True)):
            if number in parent and owned == (node.owner is not None):
                name = node.owner or node_name(graph, index)
                names.setdefault(_find(parent, number), name.partition(".")[0])
    place = {root: index for index, root in enumerate(sorted(names))}
    group_of = {number: place[_find(parent, number)] for number in parent}
    return group_of, tuple(names[root] for root in place)


def _find(parent: dict[int, int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


def _join(parent: dict[int, int], one: int, other: int) -> None:
    low, high = sorted((_find(parent, one), _find(parent, other)))
    parent[high] = low


def _sharing(
    graph: Graph,
    numbers: list[int],
    written: Counter[int],
    group_of: dict[int, int],
    groups: tuple[str, ...],
) -> Sharing:
    first: dict[int, int] = {}
    seen: Counter[int] = Counter()
    met: set[str | None] = {None}
    ordinal: list[int] = []
    again: list[bool] = []
    for index, (node, number) in enumerate(zip(graph.nodes, numbers, strict=True)):
        first.setdefault(number, index)
        seen[number] += 1
        ordinal.append(seen[number])
        again.append(node.owner is not None and node.owner in met)
        met.add(node.owner)
    return Sharing(
        written=tuple(max(written[number], 1) for number in numbers),
        first=tuple(first[number] for number in numbers),
        ordinal=tuple(ordinal),
        again=tuple(again),
        readers=_readers(graph),
        group=tuple(group_of.get(number) for number in numbers),
        groups=groups,
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
