"""The order of the vertices in each row: barycentre sweeps that leave few crossings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rl2graph.viz.layers import Layered

_Pull = tuple[int, float]
"""A neighbour, and how far from its middle the edge meets it, as part of its width."""


def order(layered: Layered) -> list[list[int]]:
    """The rows in an order with few crossings; the order of the source decides between equals."""
    pulls = _Pulls(layered)
    size = len(layered.row)
    best = _initial(layered, pulls)
    fewest = pulls.crossings(best)
    rows = [list(row) for row in best]
    idle = 0
    for sweep in range(24 if size <= 2000 else 6):
        if fewest == 0 or idle == 4:
            break
        _sweep(rows, pulls, down=sweep % 2 == 0, keep_ties=sweep % 4 < 2)
        if size <= 400:
            _exchange(rows, pulls)
        count = pulls.crossings(rows)
        idle += 1
        if count < fewest:
            best, fewest, idle = [list(row) for row in rows], count, 0
    return best


class _Pulls:
    """The segments by their ends."""

    def __init__(self, layered: Layered) -> None:
        self.up: list[list[_Pull]] = [[] for _ in layered.row]
        self.down: list[list[_Pull]] = [[] for _ in layered.row]
        for upper, lower, port in layered.segments:
            self.up[lower].append((upper, 0.0))
            self.down[upper].append((lower, port))

    def crossings(self, rows: Sequence[Sequence[int]]) -> int:
        """How many pairs of segments cross."""
        return sum(self._between(upper, lower) for upper, lower in pairwise(rows))

    def _between(self, upper: Sequence[int], lower: Sequence[int]) -> int:
        place = {vertex: index for index, vertex in enumerate(lower)}
        ends: list[float] = []
        for vertex in upper:
            ends += sorted(place[target] + port for target, port in self.down[vertex])
        return _inversions(ends)


def _inversions(values: Sequence[float]) -> int:
    """Pairs that stand in the wrong order, by a Fenwick tree."""
    rank = {value: index + 1 for index, value in enumerate(sorted(set(values)))}
    tree = [0] * (len(rank) + 1)
    total = 0
    for seen, value in enumerate(values):
        index, smaller = rank[value], 0
        while index:
            smaller += tree[index]
            index &= index - 1
        total += seen - smaller
        index = rank[value]
        while index < len(tree):
            tree[index] += 1
            index += index & -index
    return total


def _initial(layered: Layered, pulls: _Pulls) -> list[list[int]]:
    """From the top: each row by the middle of its operands, the first row as in the source."""
    rows: list[list[int]] = []
    place = [0.0] * len(layered.row)
    for row in layered.rows:
        keyed = sorted(row, key=lambda v: (_middle(pulls.up[v], place) if pulls.up[v] else v, v))
        for index, vertex in enumerate(keyed):
            place[vertex] = index
        rows.append(keyed)
    return rows


def _sweep(rows: list[list[int]], pulls: _Pulls, *, down: bool, keep_ties: bool) -> None:
    place = [0.0] * len(pulls.up)
    for row in rows:
        for index, vertex in enumerate(row):
            place[vertex] = index
    sides = pulls.up if down else pulls.down
    for row in rows[1:] if down else rows[-2::-1]:
        pulled = [vertex for vertex in row if sides[vertex]]
        sign = 1 if keep_ties else -1
        pulled.sort(key=lambda v: (_middle(sides[v], place), sign * place[v]))
        following = iter(pulled)
        row[:] = [next(following) if sides[vertex] else vertex for vertex in row]
        for index, vertex in enumerate(row):
            place[vertex] = index


def _middle(pulls: Sequence[_Pull], place: Sequence[float]) -> float:
    return sum(place[vertex] + port for vertex, port in pulls) / len(pulls)


def _exchange(rows: list[list[int]], pulls: _Pulls) -> None:
    """Swap neighbours in a row where that alone leaves fewer crossings."""
    place = [0] * len(pulls.up)
    for row in rows:
        for index, vertex in enumerate(row):
            place[vertex] = index
    for _ in range(4):
        moved = False
        for row in rows:
            for index in range(len(row) - 1):
                left, right = row[index], row[index + 1]
                if _crossed(left, right, pulls, place) > _crossed(right, left, pulls, place):
                    row[index], row[index + 1] = right, left
                    place[left], place[right] = index + 1, index
                    moved = True
        if not moved:
            return


def _crossed(left: int, right: int, pulls: _Pulls, place: Sequence[int]) -> int:
    """Crossings of the segments of two neighbours, `left` standing on the left."""
    total = 0
    for sides in (pulls.up, pulls.down):
        ends = [place[vertex] + port for vertex, port in sides[left]]
        total += sum(end > place[vertex] + port for vertex, port in sides[right] for end in ends)
    return total
