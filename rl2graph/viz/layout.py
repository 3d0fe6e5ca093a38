"""Layered layout (Sugiyama, Tagawa and Toda 1981): boxes in rows, edges downwards, few crossings.

Deterministic; takes time nearly linear in boxes and edges; never recurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rl2graph.viz.coordinates import STATION_GAP, Rows, coordinates, settle
from rl2graph.viz.layers import Arc, Layered, layered
from rl2graph.viz.ordering import order

ROW_GAP = 36.0
PORT_GAP = 34.0
"""How far apart edges enter a box, where it is wide enough."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A placed box: its upper left corner and size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Placed boxes and, for each arc, its route.

    A route's points come in pairs: between the first and second, the third and fourth, and so on, it runs
    straight down; between these it crosses the empty space between two rows.
    """

    boxes: tuple[Rect, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def layout(sizes: Sequence[tuple[float, float]], arcs: Sequence[Arc]) -> Layout:
    """Places for boxes of these sizes. The arcs into a box enter it in their order, left to right.

    Raises:
        ValueError: an arc from a box to itself or to an earlier one.
    """
    if any(source >= target for source, target in arcs):
        raise ValueError("boxes are in topological order, so an arc goes from a box to a later one")
    arrivals = [0] * len(sizes)
    for _, target in arcs:
        arrivals[target] += 1
    ports = _ports(arrivals, arcs)
    graph = layered(len(sizes), arcs, ports)
    widths = [width for width, _ in sizes] + [0.0] * (len(graph.row) - len(sizes))
    rows = order(graph)
    ordered = _neighbours(graph, rows, widths)
    middles = coordinates(ordered)
    settle(ordered, list(graph.trunks.values()), middles)
    left = min((x - width / 2 for x, width in zip(middles, widths, strict=True)), default=0.0)
    middles = [x - left for x in middles]
    right = max((x + width / 2 for x, width in zip(middles, widths, strict=True)), default=0.0)
    tops, bottoms = _bands(graph, sizes)
    lanes = _lanes(graph, right)
    boxes = tuple(
        Rect(middles[box] - width / 2, tops[graph.row[box]], width, height)
        for box, (width, height) in enumerate(sizes)
    )
    routes = []
    for (source, target), port in zip(arcs, ports, strict=True):
        start, end = boxes[source], boxes[target]
        stations = graph.trunks.get(source, [])[: graph.row[target] - graph.row[source] - 1]
        stretches = [(middles[vertex], graph.row[vertex], graph.row[vertex]) for vertex in stations]
        if source in lanes and graph.row[target] > graph.row[source] + 1:
            stretches = [(lanes[source], graph.row[source] + 1, graph.row[target] - 1)]
        points = [(middles[source], start.y + start.height), (middles[source], bottoms[graph.row[source]])]
        for x, first, last in stretches:
            if abs(points[-1][0] - x) < 0.01:
                points[-1] = points[-1][0], bottoms[last]
            else:
                points += [(x, tops[first]), (x, bottoms[last])]
        entry = end.x + end.width / 2 + port * min(end.width, PORT_GAP * (arrivals[target] + 1))
        routes.append((*points, (entry, end.y), (entry, end.y)))
    width = max([right, *lanes.values()])
    return Layout(boxes, tuple(routes), width, bottoms[-1] if bottoms else 0.0)


def _ports(arrivals: Sequence[int], arcs: Sequence[Arc]) -> list[float]:
    """Where each arc enters its target, from -0.5 to 0.5, evenly."""
    seen = [0] * len(arrivals)
    ports = []
    for _, target in arcs:
        seen[target] += 1
        ports.append(seen[target] / (arrivals[target] + 1) - 0.5)
    return ports


def _neighbours(graph: Layered, rows: list[list[int]], widths: list[float]) -> Rows:
    up: list[dict[int, None]] = [{} for _ in graph.row]
    down: list[dict[int, None]] = [{} for _ in graph.row]
    for upper, lower, _ in graph.segments:
        up[lower].setdefault(upper)
        down[upper].setdefault(lower)
    return Rows(graph.real, rows, [[*near] for near in up], [[*near] for near in down], widths)


def _bands(graph: Layered, sizes: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Top and bottom of each row."""
    tops, bottoms, y = [], [], 0.0
    for row in graph.rows:
        height = max((sizes[vertex][1] for vertex in row if vertex < graph.real), default=0.0)
        tops.append(y)
        bottoms.append(y + height)
        y += height + ROW_GAP
    return tops, bottoms


def _lanes(graph: Layered, right: float) -> dict[int, float]:
    """The place of each lane: beside the rows, as near as no other lane of the same rows is."""
    free_from: list[int] = []
    lanes = {}
    for source in sorted(graph.lanes, key=lambda vertex: (graph.row[vertex], vertex)):
        start = graph.row[source] + 1
        lane = next((i for i, free in enumerate(free_from) if free <= start), len(free_from))
        if lane == len(free_from):
            free_from.append(0)
        free_from[lane] = graph.lanes[source] + 1
        lanes[source] = right + STATION_GAP * (lane + 1)
    return lanes
