"""Everything that may be wrong with a piece that cannot be read, the most telling first."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.lang.broken import Broken
from rl2graph.lang.builder import MAX_DIGITS, EmptyBlock, NumberTooLong, UnknownEscape
from rl2graph.lang.layout import CLOSING, DEDENT, DEEP
from rl2graph.lang.lexer import END, UNCLOSED_STRING, UNKNOWN
from rl2graph.lang.recovery.findings import Finding, situation_findings
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.recovery.slips_brackets import closing, too_deep, unclosed
from rl2graph.lang.recovery.slips_strings import other_characters, unclosed_string, unknown_escape
from rl2graph.lang.recovery.slips_words import misspelt, unknown_word


def suspicions(piece: Broken) -> Iterator[Finding]:
    """Findings to choose from: the first that a mend confirms, else the first that needs no confirmation."""
    tokens, failure = piece.tokens, piece.failure
    if isinstance(failure, NumberTooLong):
        yield Finding("RLG304", f"an integer of more than {MAX_DIGITS} digits", *tokens.span(failure.index))
    elif isinstance(failure, UnknownEscape):
        yield unknown_escape(tokens, failure.index, failure.offset)
    elif isinstance(failure, EmptyBlock):
        message = "unexpected `}`, a statement is expected"
        hint = "a block holds statements; that of a definition ends with `return`"
        yield Finding("RLG101", message, *tokens.span(failure.index), hint=hint)
    else:
        yield from _stuck(Scene(tokens, failure.index, failure.states))


def _stuck(scene: Scene) -> Iterator[Finding]:
    if scene.kind == DEEP:
        yield too_deep(*scene.tokens.span(scene.index))
        return
    if scene.kind in (END, DEDENT) and scene.opened:
        yield unclosed(scene.tokens, scene.opened)
        return
    yield from misspelt(scene)
    if scene.kind == UNCLOSED_STRING:
        yield unclosed_string(scene)
    elif scene.kind == UNKNOWN:
        yield from other_characters(scene)
    elif scene.kind in CLOSING.values():
        yield from closing(scene)
    yield from unknown_word(scene)
    yield from situation_findings(scene)
