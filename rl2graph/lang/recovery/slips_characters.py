"""Characters that the language does not know, and what was meant by them."""

from __future__ import annotations

import unicodedata

from rl2graph.lang.recovery.situations import IN_BRACKETS, Drop, Situation, Swap

_ARITHMETIC = "the language has `+ - * /`"
_DECISIONS = "tensors are compared by `greater(x, y)`, `less(x, y)`, `equal(x, y)`; `where(c, x, y)` chooses"
_PIPELINE = "a pipeline is written `x |> op(…)`"

ALIKE = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "∗": "*", "÷": "/", "∕": "/", "＝": "=", "≔": "=",
    "，": ",", "、": ",", "；": ";", "：": ":", "（": "(", "）": ")", "［": "[", "］": "]", "｛": "{",
    "｝": "}", "。": ".", "＋": "+", "→": "|>", "⟶": "|>", "⇒": "|>", "▷": "|>", "▶": "|>", "｜": "|",
    "\u00a0": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\v": " ",
    "\ufeff": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "",
}  # fmt: skip
"""Characters that look like one of the language's, or like nothing, by what they stand for."""

QUOTES = {"'": "'", "`": "`", "“": "”", "”": "”", "‘": "’", "’": "’", "„": "“", "«": "»"}
"""Quotation marks that start no string here, by those that end what they start."""

CHARACTERS = (
    Situation(
        r"! UNKNOWN:< MINUS ",
        "unexpected `<-`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", 0, 1),),
        expects=frozenset(["EQUAL"]),
        at=(0, 1),
    ),
    Situation(
        r"EQUAL ! UNKNOWN:> ",
        "unexpected `=>`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", -1, 0),),
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"MINUS ! UNKNOWN:> ",
        "unexpected `->`",
        _PIPELINE,
        title="write `|>`",
        mends=(Swap("|>", -1, 0),),
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"! MINUS UNKNOWN:> ",
        "unexpected `->`",
        _PIPELINE,
        title="write `|>`",
        mends=(Swap("|>", 0, 1),),
        expects=frozenset(["PIPE"]),
        at=(0, 1),
    ),
    Situation(
        r"! UNKNOWN:> UNKNOWN:> ",
        "unexpected `>>`",
        _PIPELINE,
        title="write `|>`",
        mends=(Swap("|>", 0, 1),),
        at=(0, 1),
    ),
    Situation(
        r"! UNKNOWN:\| UNKNOWN:[|>] ",
        "unexpected `|`",
        _PIPELINE,
        title="write `|>`",
        mends=(Swap("|>", 0, 1),),
        at=(0, 1),
    ),
    Situation(
        r"! UNKNOWN:[|] ",
        "unexpected character `|`",
        _PIPELINE,
        title="write `|>`",
        mends=(Swap("|>"),),
    ),
    Situation(r"! UNKNOWN:> EQUAL |! UNKNOWN:[<!] ", "unexpected character `{word}`", _DECISIONS),
    Situation(r"! UNKNOWN:> ", "unexpected character `>`", f"{_PIPELINE}; `x > y` is `greater(x, y)`"),
    Situation(r"! UNKNOWN:[%^] ", "unexpected character `{word}`", _ARITHMETIC),
    Situation(r"! UNKNOWN:[&?~] ", "unexpected character `{word}`", _DECISIONS),
    Situation(
        r"! UNKNOWN:\\ ",
        r"unexpected character `\`",
        "inside brackets a line goes on without it",
        title=r"leave `\` out",
        mends=(Drop(),),
        inside=IN_BRACKETS,
    ),
    Situation(
        r"! UNKNOWN:\\ ",
        r"unexpected character `\`",
        "a statement goes on over a line end inside brackets, or before a line that starts with `|>`",
    ),
    Situation(
        r"! UNKNOWN:\$ ",
        "unexpected character `$`",
        "the value of a param is written by its name alone",
        title="leave `$` out",
        mends=(Drop(),),
    ),
    Situation(
        r"! FOREIGN:(?:True|False) ",
        "`{word}` is written `{small}`",
        title="write `{small}`",
        mends=(Swap("{small}"),),
    ),
    Situation(
        r"! FOREIGN:None ",
        "the language has no `None`",
        "leave an argument out to have its default",
    ),
)


def name_of(character: str) -> str:
    """A character as a message shows it: itself, its code and its name as far as they help."""
    if character.isascii() and character.isprintable():
        return f"`{character}`"
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    shown = f"`{character}` ({code}" if character.isprintable() and not character.isspace() else f"{code} ("
    if not name:
        return f"{shown})" if shown.endswith(code) else code
    return f"{shown}, {name})" if shown.endswith(code) else f"{shown}{name})"
