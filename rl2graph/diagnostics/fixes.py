"""Fixes, applied to a text."""

from __future__ import annotations

from collections.abc import Iterable

from rl2graph.diagnostics.diagnostic import Fix


def apply_fixes(text: str, fixes: Iterable[Fix]) -> tuple[str, tuple[Fix, ...]]:
    """The text after every fix that overlaps no earlier one, and those fixes, in the order of the text."""
    applied: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: (fix.span.start, fix.span.end)):
        if not applied or fix.span.start >= applied[-1].span.end:
            applied.append(fix)
    for fix in reversed(applied):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return text, tuple(applied)
