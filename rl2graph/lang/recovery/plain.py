"""The plain message: what stands here, and what is expected instead."""

from __future__ import annotations

from rl2graph.lang.layout import SEPARATOR
from rl2graph.lang.lexer import END
from rl2graph.lang.recovery.scene import Scene

_SHOWN = {
    SEPARATOR: "the end of the statement",
    END: "the end of the statement",
    "NAME": "a name",
    "INT": "a number",
    "FLOAT": "a number",
    "STRING": "a string",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "PIPE": "`|>`",
    "AS": "`as`",
    "IN": "`in`",
}
# What an expression can always go on with says nothing about what is missing.
_GOING_ON = frozenset(["LPAR", "LSQB", "PIPE", "DOT", "PLUS", "MINUS", "STAR", "SLASH"])


def plain_message(scene: Scene) -> str:
    """What is said where no situation says more."""
    wanted = _in_words(scene.expected)
    if scene.kind in (END, SEPARATOR):
        return f"the statement ends where {wanted or 'more'} is expected"
    return f"unexpected `{scene.word}`" + (f", {wanted} is expected" if wanted else "")


def _in_words(expected: set[str]) -> str:
    """What may stand here; empty where that would be a catalogue."""
    if {"NAME", "INT", "STRING"} <= expected:
        return "a value"
    if {"NAME", "DEF", "PARAM"} <= expected:
        return "a statement"
    kinds = expected - _GOING_ON if {"PIPE", "PLUS"} & expected else expected
    words = sorted(
        {_SHOWN[kind] for kind in kinds if kind in _SHOWN}, key=lambda word: (word[0] == "t", word)
    )
    if len(words) > 4 or not words:
        return ""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
