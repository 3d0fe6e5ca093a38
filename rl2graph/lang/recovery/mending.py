"""Mends of a piece that cannot be read, each tried before it is offered."""

from __future__ import annotations

from dataclasses import dataclass, field

from rl2graph.lang.broken import Broken, broken
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.situations import Edit, apply
from rl2graph.lang.recovery.suspicions import suspicions
from rl2graph.lang.statements import cut

MAX_TRIES = 40  # parses for the mend of one piece
MAX_LENGTH = 20_000  # characters of a piece that is mended at all


@dataclass(slots=True)
class Mended:
    """A piece that can be read, and how it came about."""

    text: str
    titles: list[str]
    safe: bool
    edit: Edit | None = None  # the only one that was made


@dataclass(slots=True)
class Mender:
    """Mends one piece; `hollow` where its block has been blanked."""

    hollow: bool
    tries: int = field(default=MAX_TRIES)

    def choose(self, piece: str, failed: Broken) -> tuple[Finding, Mended | None]:
        """What to say of a piece, and the mend that confirms it, if any does."""
        first: Finding | None = None
        for finding in suspicions(failed):
            mended = self.mend(piece, finding, failed.left)
            if mended is not None:
                return finding, mended
            if first is None and not finding.certain_only:
                first = finding
            if first is not None and not finding.mends:
                break
        assert first is not None
        return first, None

    def mend(self, piece: str, finding: Finding, left: int) -> Mended | None:
        """The piece as a finding would have it; `left` characters of the broken one were not read."""
        if len(piece) > MAX_LENGTH:
            return None
        for edits in finding.mends:
            text = apply(piece, edits)
            rest = self._complete(text, left) if text != piece else None
            if rest is not None:
                only = edits[0] if len(edits) == 1 and not rest.titles else None
                return Mended(rest.text, [finding.title, *rest.titles], finding.safe and rest.safe, only)
        return None

    def _complete(self, text: str, left: int) -> Mended | None:
        """The text with further mends until all of it reads, if it reads further than `left` from its end."""
        titles: list[str] = []
        safe = True
        for start, end in reversed(cut(text)):
            if self.tries <= 0:
                return None
            self.tries -= 1
            failed = broken(text[start:end], hollow=self.hollow)
            if failed is not None:
                if failed.left + len(text) - end >= left:
                    return None
                _, mended = self.choose(text[start:end], failed)
                if mended is None:
                    return None
                text = text[:start] + mended.text + text[end:]
                titles += mended.titles
                safe &= mended.safe
        return Mended(text, titles, safe)


def difference(before: str, after: str) -> Edit:
    """The one edit that makes `after` of `before`, in whole words."""
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
        start -= 1
    rest = shortest - start
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    while tail and (before[-tail].isalnum() or before[-tail] == "_"):
        tail -= 1
    return Edit(start, len(before) - tail, after[start : len(after) - tail])
