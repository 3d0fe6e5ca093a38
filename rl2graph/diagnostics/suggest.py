"""The nearest known name to a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from rl2graph.diagnostics.diagnostic import Diagnostic, Fix
from rl2graph.diagnostics.source import Span

MIN_CERTAIN = 3  # letters: nearly any shorter name is one slip away from any other

ELSEWHERE = {
    "linear": "dense",
    "fc": "dense",
    "fully_connected": "dense",
    "cat": "concat",
    "concatenate": "concat",
    "maxpool": "max_pool2d",
    "stop_gradient": "detach",
    "swish": "silu",
    "cnn": "conv",
    "units": "out",
    "features": "out",
    "out_features": "out",
    "out_channels": "out",
    "filters": "out",
    "kernel_size": "kernel",
    "strides": "stride",
    "state": "obs",
    "observation": "obs",
    "action": "act",
    "float32": "f32",
    "float": "f32",
    "policy": "pi",
    "actor": "pi",
    "value": "v",
    "critic": "v",
}
"""What other libraries call it, in lower case, and its name here."""


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


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The known name that was most likely meant; `certain` where one slip of the finger explains it and no
    other name is as near.
    """

    name: str
    certain: bool

    @property
    def hint(self) -> str:
        return f"did you mean `{self.name}`?"

    def fix(self, span: Span) -> Fix:
        """The name put in place of what was written."""
        return Fix(f"replace `{span.text}` by `{self.name}`", span, self.name, safe=self.certain)


def suggestion(name: str, known: Iterable[str]) -> Suggestion | None:
    """The known name that a typist of `name` most likely meant, or None where none is near.

    Names within a third of the length in edits (at least one) count as near; among equals the one that
    shares more of its characters in order is taken, then the first in the alphabet. Where none is near, what
    another library calls so may be meant.
    """
    known = set(known)
    limit = max(1, len(name) // 3)
    folded = name.casefold()
    ranked = []
    for candidate in known:
        distance = edit_distance(folded, candidate.casefold(), limit)
        if distance <= limit and distance < len(name):
            alike = SequenceMatcher(None, folded, candidate.casefold(), autojunk=False).ratio()
            ranked.append((distance, -alike, candidate))
    if not ranked:
        meant = ELSEWHERE.get(folded)
        return Suggestion(meant, certain=False) if meant in known and meant is not None else None
    ranked.sort()
    distance, _, best = ranked[0]
    alone = len(ranked) == 1 or ranked[1][0] > distance
    return Suggestion(best, certain=distance <= 1 and alone and len(best) >= MIN_CERTAIN)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name of `suggestion` alone."""
    found = suggestion(name, known)
    return None if found is None else found.name


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known name, or None."""
    found = suggestion(name, known)
    return None if found is None else found.hint


def misspelt(
    code: str, message: str, span: Span, name: str, known: Iterable[str], otherwise: str | None = None
) -> Diagnostic:
    """The finding about a name that is not known, with the nearest one as hint and fix; `otherwise` is the
    hint where none is near.
    """
    near = suggestion(name, known)
    if near is None:
        return Diagnostic(code, message, span, hint=otherwise)
    return Diagnostic(code, message, span, hint=near.hint, fix=near.fix(span))
