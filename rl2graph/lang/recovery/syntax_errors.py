"""What to say of a statement that cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rl2graph.diagnostics import Diagnostic, Fix, Label, Source, Span
from rl2graph.lang import lalr
from rl2graph.lang.broken import Broken, broken
from rl2graph.lang.lexer import tokenize
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.lost_names import bound, seemingly_bound
from rl2graph.lang.recovery.mending import Mended, Mender, difference
from rl2graph.lang.recovery.plain import plain_message
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.statements import cut
from rl2graph.lang.words import WORDS

__all__ = ["WORDS", "Explained", "explain", "explain_as", "explain_type"]


_CALLED = re.compile(r"\s*([A-Za-z]\w*)\s*\(\s*(\d+(?:\s*,\s*\d+)*)\s*,?\s*\)\s*")


@dataclass(frozen=True, slots=True)
class Explained:
    """The one diagnostic of a piece, and the names that are lost with it."""

    diagnostic: Diagnostic
    lost: list[str]


def explain(source: Source, offset: int, piece: str, failed: Broken, hollow: bool = False) -> Explained:
    """What is wrong with the piece that stands at `offset` of `source`; `hollow` if its block is blanked."""
    finding, mended = Mender(hollow).choose(piece, failed)
    return _explained(source, offset, piece, failed, finding, mended)


def explain_as(source: Source, offset: int, piece: str, finding: Finding) -> Explained:
    """What is said of a finding that is known, with its mend where that leaves a piece that reads."""
    failed = broken(piece)
    assert failed is not None
    mended = Mender(hollow=False).mend(piece, finding, failed.left)
    return _explained(source, offset, piece, failed, finding, mended)


def explain_type(source: Source, failed: Broken) -> Diagnostic:
    """What is wrong with a text that should be a type; no mend is tried."""
    finding, _ = Mender(hollow=False, tries=0).choose(source.text, failed)
    if isinstance(failed.failure, lalr.Stuck) and finding.code in ("RLG101", "RLG103"):
        scene = Scene(failed.tokens, failed.failure.index, failed.failure.states)
        message = plain_message(scene).replace("the statement ends", "the type ends")
        message = message.replace("the end of the statement", "the end")
        finding = replace(finding, message=message, hint=_dims_of(source.text))
    return _diagnostic(source, 0, finding, None)


def _dims_of(text: str) -> str:
    """How a type is written, after what was written instead."""
    called = _CALLED.fullmatch(text)
    example = f"{called[1].lower()}[{called[2].strip()}]`" if called else "f32[4]`, `discrete[2]`"
    return f"a type has its dims in square brackets: `{example}"


def _explained(
    source: Source, offset: int, piece: str, failed: Broken, finding: Finding, mended: Mended | None
) -> Explained:
    if mended is None:
        return Explained(_diagnostic(source, offset, finding, None), seemingly_bound(failed.tokens))
    edit = mended.edit or difference(piece, mended.text)
    fix = Fix(
        " and ".join(dict.fromkeys(mended.titles)),
        Span(source, offset + edit.start, offset + edit.end),
        edit.text,
        mended.safe,
    )
    return Explained(_diagnostic(source, offset, finding, fix), _names_of(mended.text))


def _diagnostic(source: Source, offset: int, finding: Finding, fix: Fix | None) -> Diagnostic:
    return Diagnostic(
        finding.code,
        finding.message,
        Span(source, offset + finding.start, offset + finding.end),
        label=finding.label,
        hint=finding.hint or None,
        labels=tuple(Label(Span(source, offset + s, offset + e), text) for s, e, text in finding.others),
        fix=fix,
    )


def _names_of(text: str) -> list[str]:
    """The names that a mended piece binds."""
    names: list[str] = []
    for start, end in cut(text):
        _, statements = lalr.parse(Source("", text), tokenize(text, start, end), hollow=True)
        names += bound(statements)
    return names
