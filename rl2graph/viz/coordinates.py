"""Horizontal positions of ordered rows, after Brandes and Köpf 2001, "Fast and simple horizontal coordinate
assignment": vertices are aligned in columns from four sides, and each stands amid its four places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BOX_GAP = 30.0
STATION_GAP = 18.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Vertices in order, row by row; those below `real` are boxes.

    `up` and `down` hold each vertex's neighbours in the row above and below, once each.
    """

    real: int
    rows: Sequence[Sequence[int]]
    up: Sequence[Sequence[int]]
    down: Sequence[Sequence[int]]
    widths: Sequence[float]

    def apart(self, left: int, right: int) -> float:
        """The least distance of the middles of two neighbours in a row."""
        gap = BOX_GAP if left < self.real and right < self.real else STATION_GAP
        return (self.widths[left] + self.widths[right]) / 2 + gap


def coordinates(rows: Rows) -> list[float]:
    """The middle of each vertex, left to right."""
    conflicts = _conflicts(rows)
    candidates: list[tuple[int, list[float]]] = []
    for downward in (True, False):
        for sign in (1, -1):
            ordered = [list(row)[::sign] for row in (rows.rows if downward else rows.rows[::-1])]
            root = _align(ordered, rows.up if downward else rows.down, conflicts)
            candidates.append((sign, [sign * x for x in _compact(ordered, root, rows)]))
    narrowest = min((xs for _, xs in candidates), key=lambda xs: _extent(xs, rows))
    low, high = min(narrowest, default=0.0), max(narrowest, default=0.0)
    aligned = []
    for sign, xs in candidates:
        shift = low - min(xs, default=0.0) if sign == 1 else high - max(xs, default=0.0)
        aligned.append([x + shift for x in xs])
    # The middle two of four layouts that keep the least distances keep them too.
    return [sum(sorted(places)[1:3]) / 2 for places in zip(*aligned, strict=True)]


def _extent(xs: Sequence[float], rows: Rows) -> float:
    left = min((x - w / 2 for x, w in zip(xs, rows.widths, strict=True)), default=0.0)
    return max((x + w / 2 for x, w in zip(xs, rows.widths, strict=True)), default=0.0) - left


def _conflicts(rows: Rows) -> set[tuple[int, int]]:
    """Segments (upper, lower) that cross a long edge's straight middle, which has the right of way."""
    found: set[tuple[int, int]] = set()
    for upper, lower in pairwise(rows.rows):
        place = {vertex: index for index, vertex in enumerate(upper)}
        done, left = 0, 0
        for index, vertex in enumerate(lower):
            inner = (
                next((u for u in rows.up[vertex] if u >= rows.real), None) if vertex >= rows.real else None
            )
            if inner is None and index < len(lower) - 1:
                continue
            right = place[inner] if inner is not None else len(upper) - 1
            for other in lower[done : index + 1]:
                for neighbour in rows.up[other]:
                    straight = other >= rows.real and neighbour >= rows.real
                    if not left <= place[neighbour] <= right and not straight:
                        found.add((neighbour, other))
            done, left = index + 1, right
    return found


def _align(
    ordered: Sequence[Sequence[int]],
    neighbours: Sequence[Sequence[int]],
    conflicts: set[tuple[int, int]],
) -> list[int]:
    """The column of each vertex, named by its first vertex: each joins its median neighbour's if it can."""
    size = len(neighbours)
    root = list(range(size))
    taken = [False] * size
    place = [0] * size
    for row in ordered:
        for index, vertex in enumerate(row):
            place[vertex] = index
    for row in ordered:
        reached = -1
        for vertex in row:
            near = sorted(neighbours[vertex], key=place.__getitem__)
            if not near:
                continue
            for choice in dict.fromkeys(((len(near) - 1) // 2, len(near) // 2)):
                other = near[choice]
                crossed = (other, vertex) in conflicts or (vertex, other) in conflicts
                if place[other] > reached and not crossed and not taken[other]:
                    taken[other] = True
                    root[vertex] = root[other]
                    reached = place[other]
                    break
    return root


def _compact(ordered: Sequence[Sequence[int]], root: Sequence[int], rows: Rows) -> list[float]:
    """Columns as far left as their neighbours let them, then as far right as costs no width."""
    after: dict[int, dict[int, float]] = {vertex: {} for vertex in set(root)}
    for row in ordered:
        for left, right in pairwise(row):
            apart = rows.apart(left, right)
            known = after[root[left]].get(root[right], 0.0)
            after[root[left]][root[right]] = max(known, apart)
    waits = dict.fromkeys(after, 0)
    for edges in after.values():
        for right in edges:
            waits[right] += 1
    x = dict.fromkeys(after, 0.0)
    ready = sorted(vertex for vertex, count in waits.items() if count == 0)
    for vertex in ready:  # grows while it is read: a queue
        for right, apart in after[vertex].items():
            x[right] = max(x[right], x[vertex] + apart)
            waits[right] -= 1
            if waits[right] == 0:
                ready.append(right)
    for vertex in reversed(ready):
        if after[vertex]:
            x[vertex] = max(x[vertex], min(x[right] - apart for right, apart in after[vertex].items()))
    return [x[root[vertex]] for vertex in range(len(root))]


def settle(rows: Rows, trunks: Sequence[Sequence[int]], xs: list[float]) -> None:
    """Move each straight run of way stations towards its ends, as far as the boxes beside it let it.

    The columns leave long edges anywhere between their neighbours; beside the boxes that they pass they are
    easier to follow.
    """
    place = {
        vertex: (level, index) for level, row in enumerate(rows.rows) for index, vertex in enumerate(row)
    }
    for _ in range(2):
        for trunk in trunks:
            for run in _runs(trunk, xs):
                low, high = -1e9, 1e9
                for vertex in run:
                    level, index = place[vertex]
                    row = rows.rows[level]
                    if index:
                        low = max(low, xs[row[index - 1]] + rows.apart(row[index - 1], vertex))
                    if index + 1 < len(row):
                        high = min(high, xs[row[index + 1]] - rows.apart(vertex, row[index + 1]))
                near = [*rows.up[run[0]], *rows.down[run[-1]]]
                wish = sum(xs[vertex] for vertex in near) / len(near)
                for vertex in run:
                    # Rounding may leave low a hair above high.
                    xs[vertex] = max(min(wish, high), low)


def _runs(trunk: Sequence[int], xs: Sequence[float]) -> list[list[int]]:
    """The stretches of a trunk that stand straight."""
    runs: list[list[int]] = []
    for vertex in trunk:
        if runs and abs(xs[runs[-1][-1]] - xs[vertex]) < 0.01:
            runs[-1].append(vertex)
        else:
            runs.append([vertex])
    return runs
