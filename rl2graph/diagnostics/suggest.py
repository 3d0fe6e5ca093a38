"""The nearest known name to a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher


def edit_distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (insert, delete, replace, swap neighbours), at most `limit + 1`.

    Damerau (1964), in the restricted form that edits no substring twice.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        current = [i]
        for j, right in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typist of `name` most likely meant, or None where none is near.

    Names within a third of the length in edits (at least one) count as near; among equals the one that
    shares more of its characters in order is taken, then the first in the alphabet.
    """
    limit = max(1, len(name) // 3)
    folded = name.casefold()
    ranked = []
    for candidate in set(known):
        distance = edit_distance(folded, candidate.casefold(), limit)
        if distance <= limit and distance < len(name):
            alike = SequenceMatcher(None, folded, candidate.casefold(), autojunk=False).ratio()
            ranked.append((distance, -alike, candidate))
    return min(ranked)[2] if ranked else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known name, or None."""
    candidate = nearest(name, known)
    return None if candidate is None else f"did you mean `{candidate}`?"
