"""Layers of a layout: which row each box stands in, and the way stations of edges that cross rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Arc = tuple[int, int]
"""Source and target; sources come before their targets."""

Segment = tuple[int, int, float]
"""Upper vertex, lower vertex, and where it enters the lower one, from -0.5 (left) to 0.5."""


@dataclass(slots=True)
class Layered:
    """Boxes (vertices below `real`) and way stations (the others) in rows.

    The edges of one source share their way stations: one trunk runs down from the source, and each edge
    leaves it above its target. Where trunks would be too many, the longest run in lanes beside the rows.

    Attributes:
        trunks: for a source with long edges, its way stations from row to row.
        lanes: sources whose trunk runs in a lane, each with the last row that the lane passes.
    """

    real: int
    row: list[int]
    rows: list[list[int]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    trunks: dict[int, list[int]] = field(default_factory=dict)
    lanes: dict[int, int] = field(default_factory=dict)


def layered(count: int, arcs: Sequence[Arc], ports: Sequence[float]) -> Layered:
    """Rows for `count` boxes joined by `arcs`, of which `ports` says where each enters its target."""
    row = _rows(count, arcs)
    result = Layered(count, row)
    last: dict[int, int] = {}
    for source, target in arcs:
        last[source] = max(last.get(source, 0), row[target] - 1)
    lengths = {source: end - row[source] for source, end in last.items() if end > row[source]}
    _lanes(result, lengths, last, budget=4 * count + 400)
    for source in sorted(lengths.keys() - result.lanes.keys()):
        trunk = []
        for level in range(row[source] + 1, last[source] + 1):
            trunk.append(len(row))
            row.append(level)
        result.trunks[source] = trunk
        result.segments += [(a, b, 0.0) for a, b in zip([source, *trunk], trunk, strict=False)]
    for (source, target), port in zip(arcs, ports, strict=True):
        hops = row[target] - row[source] - 1
        if hops == 0:
            result.segments.append((source, target, port))
        elif source in result.trunks:
            result.segments.append((result.trunks[source][hops - 1], target, port))
    result.rows = [[] for _ in range(max(row, default=-1) + 1)]
    for vertex, level in enumerate(row):
        result.rows[level].append(vertex)
    return result


def _lanes(result: Layered, lengths: dict[int, int], last: dict[int, int], budget: int) -> None:
    """Send the longest trunks into lanes until the others need no more way stations than `budget`."""
    stations = sum(lengths.values())
    for source in sorted(lengths, key=lambda vertex: (-lengths[vertex], vertex)):
        if stations <= budget:
            return
        stations -= lengths[source]
        result.lanes[source] = last[source]


def _rows(count: int, arcs: Sequence[Arc]) -> list[int]:
    """The longest path to each box; then boxes with no more operands than users move down to their users,
    which leaves fewer edges that cross rows.
    """
    above: list[set[int]] = [set() for _ in range(count)]
    below: list[set[int]] = [set() for _ in range(count)]
    for source, target in arcs:
        above[target].add(source)
        below[source].add(target)
    row = [0] * count
    for vertex in range(count):
        row[vertex] = max((row[operand] + 1 for operand in above[vertex]), default=0)
    for vertex in range(count - 1, -1, -1):
        if below[vertex] and len(below[vertex]) >= len(above[vertex]):
            row[vertex] = min(row[user] for user in below[vertex]) - 1
    return row
