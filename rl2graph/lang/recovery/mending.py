"""Mends of a piece that cannot be read, each tried before it is offered."""

from __future__ import annotations

from dataclasses import dataclass, field

from rl2graph.diagnostics import Source
from rl2graph.lang import ast, lalr
from rl2graph.lang.broken import FAILURES, Broken, broken
from rl2graph.lang.lexer import tokenize
from rl2graph.lang.recovery.certainty import makes_sense
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.situations import Edit, apply
from rl2graph.lang.recovery.suspicions import suspicions
from rl2graph.lang.statements import cut

MAX_TRIES = 40  # parses for the mend of one piece
MAX_RIVALS = 80  # parses to see whether a mend is the only one
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
                lost = bool(rest.titles) and _brackets(rest.text) < _brackets(piece)
                safe = finding.safe and rest.safe and not lost and not self._has_rival(piece, finding, rest)
                return Mended(rest.text, [finding.title, *rest.titles], safe, only)
        return None

    def _has_rival(self, piece: str, finding: Finding, chosen: Mended) -> bool:
        """Whether another edit of a finding makes another tree, or that cannot be told."""
        if not finding.rivals:
            return False
        if chosen.titles or len(finding.rivals) > MAX_RIVALS:
            return True
        tree = self._tree(chosen.text)
        others = (self._tree(apply(piece, rival)) for rival in finding.rivals)
        senseless = not makes_sense(tree)
        return any(other not in (None, tree) and (senseless or makes_sense(other)) for other in others)

    def _tree(self, text: str) -> list[ast.Statement] | None:
        """The statements of a text, or None where it cannot be read."""
        statements: list[ast.Statement] = []
        for start, end in cut(text):
            try:
                _, found = lalr.parse(Source("", text), tokenize(text, start, end), hollow=self.hollow)
            except FAILURES:
                return None
            statements += found
        return statements

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


def _brackets(text: str) -> int:
    return sum(map(text.count, "()[]{}"))


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
