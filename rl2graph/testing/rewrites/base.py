"""What a rewrite is, and edits of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal

from rl2graph.testing.rewrites.reading import Reading, read

Kind = Literal["preserving", "breaking"]
Edits = Iterable[tuple[int, int, str]]
"""What stands at some characters instead: start, end (exclusive) and text; no two overlap."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A change of a spec's text at a place that is drawn.

    Attributes:
        name: what it does, as a phrase.
        kind: a *preserving* one keeps the function (values, gradients, statistics, state, and how often
            anything is evaluated once duplicates are merged), though owners may get other paths and another
            order. A *breaking* one mostly changes it, or gives a text that has errors: where it matters,
            `confirms_breaking` says whether it did.
        edits: the edits at one place; None where there is no place.
    """

    name: str
    kind: Kind
    edits: Callable[[Reading, Random], Edits | None]

    def __call__(self, text: str, random: Random) -> str | None:
        """The rewritten text; None where nothing in it can be rewritten, or the text is no spec."""
        reading = read(text)
        if reading is None:
            return None
        edits = self.edits(reading, random)
        if edits is None:
            return None
        changed = edited(text, edits)
        return None if changed == text else changed


def edited(text: str, edits: Edits) -> str:
    """The text after the edits."""
    pieces, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])
