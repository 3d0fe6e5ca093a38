"""The nearest known name to a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from rl2graph.diagnostics.diagnostic import Diagnostic, Fix
from rl2graph.diagnostics.elsewhere import names_here
from rl2graph.diagnostics.source import Span

MIN_CERTAIN = 3  # letters: nearly any shorter name is one slip away from any other


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
    """The known name that was most likely meant; `certain` where one slip of the finger explains it, no other
    name is as near, and more than digits differ: `enc2` for `enc1` may be a name that is still to be bound.
    """

    name: str
    certain: bool

    @property
    def hint(self) -> str:
        return f"did you mean `{self.name}`?"

    def fix(self, span: Span) -> Fix:
        """The name put in place of what was written."""
        return Fix(f"replace `{span.text}` by `{self.name}`", span, self.name, safe=self.certain)


class SlipIndex:
    """Names that are found again from what one slip of the finger makes of them, in a time that does not grow
    with their number.

    A slip (a letter more, less or other, or two neighbours swapped) leaves two texts of which some form with
    one letter less, or the text itself, is the same.
    """

    def __init__(self) -> None:
        self._by_form: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        for form in _forms(name.casefold()):
            self._by_form.setdefault(form, []).append(name)

    def near(self, name: str) -> list[str]:
        """The names that at most one slip lies between, in the order in which they were added."""
        folded = name.casefold()
        found = dict.fromkeys(known for form in _forms(folded) for known in self._by_form.get(form, ()))
        return [known for known in found if edit_distance(folded, known.casefold(), 1) <= 1]


def _forms(text: str) -> set[str]:
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}


def suggestion(name: str, known: Iterable[str]) -> Suggestion | None:
    """The known name that a typist of `name` most likely meant, or None where none is near.

    Names within a third of the length in edits (at least one) that share a letter count as near. The fewest
    edits win; then a swap or a missing letter, for they happen in fewer ways than another letter; then the
    name that shares more of its characters in order; then the first in the alphabet. Where none is near, what
    another library calls so may be meant.
    """
    limit = max(1, len(name) // 3)
    folded = name.casefold()
    elsewhere = names_here(name)
    ranked = []
    for candidate in set(known):
        other = candidate.casefold()
        distance = edit_distance(folded, other, limit)
        if distance <= limit and distance < max(len(folded), len(other)):
            alike = SequenceMatcher(None, folded, other, autojunk=False).ratio()
            ranked.append((distance, _is_other_letter(folded, other), -alike, candidate))
        elif candidate in elsewhere:
            ranked.append((limit + 1, False, 0.0, candidate))
    if not ranked:
        return None
    ranked.sort()
    distance, *_, best = ranked[0]
    alone = len(ranked) == 1 or ranked[1][0] > distance
    slip = distance <= 1 and not _differ_in_digits(folded, best.casefold())
    return Suggestion(best, certain=slip and alone and len(best) >= MIN_CERTAIN)


def _differ_in_digits(a: str, b: str) -> bool:
    """Whether digits, and nothing else, tell the names apart."""
    return a != b and _without_digits(a) == _without_digits(b)


def _without_digits(text: str) -> str:
    return "".join(character for character in text if not character.isdigit())


def _is_other_letter(typed: str, meant: str) -> bool:
    """Whether a letter that is not meant was typed."""
    return len(typed) >= len(meant) and sorted(typed) != sorted(meant)


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
