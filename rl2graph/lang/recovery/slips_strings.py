"""Strings that are not closed or in other quotation marks, and characters that look like another."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.lang.lexer import Tokens
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.recovery.situations import Edit
from rl2graph.lang.recovery.slips_characters import ALIKE, QUOTES, name_of

_CLOSING = " \t\r\f)]},"


def unclosed_string(scene: Scene) -> Finding:
    """A string that its line does not close; the quotation mark may be missing before closing brackets."""
    start, end = scene.tokens.starts[scene.index], scene.tokens.ends[scene.index]
    ends = [end]
    while ends[-1] > start + 1 and scene.tokens.text[ends[-1] - 1] in _CLOSING:
        ends.append(ends[-1] - 1)
    return Finding(
        "RLG104",
        "the string is not closed on its line",
        start,
        start + 1,
        label="opened here",
        title='put `"` at its end',
        mends=tuple((Edit(place, place, '"'),) for place in reversed(ends)),
        safe=len(ends) == 1 or end - ends[-1] == 1,
    )


def unknown_escape(tokens: Tokens, index: int, offset: int) -> Finding:
    """A backslash, `offset` characters into a string token, before what it does not escape."""
    at = tokens.starts[index] + offset
    return Finding(
        "RLG104",
        f"`{tokens.text[at : at + 2]}` stands for nothing in a string",
        at,
        at + 1,
        hint=r"escapes are `\n`, `\t`, `\r`, `\0`, `\"` and `\\`; folders are separated by `/`",
        title="write the backslash twice",
        mends=((Edit(at, at, "\\"),),),
        safe=False,
    )


def other_characters(scene: Scene) -> Iterator[Finding]:
    """Quotation marks and look-alikes, and whatever no table knows."""
    text, start = scene.tokens.text, scene.tokens.starts[scene.index]
    character = scene.word
    shown = name_of(character)
    if character in QUOTES:
        yield _quoted(text, start, character)
    elif character in ALIKE:
        meant = ALIKE[character]
        title = f"write `{meant}`" if meant.strip() else "write a plain space" if meant else "leave it out"
        yield Finding(
            "RLG104",
            f"unexpected character {shown}",
            start,
            start + 1,
            title=title,
            mends=((Edit(start, start + 1, meant),),),
        )
    elif not (character.isascii() and character.isprintable()):
        hint = "names are written in the letters a-z, digits and `_`; comments and strings take any text"
        yield Finding("RLG104", f"unexpected character {shown}", start, start + 1, hint=hint)


def _quoted(text: str, start: int, mark: str) -> Finding:
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = text.find(QUOTES[mark], start + 1, line_end)
    inner = text[start + 1 : end]
    mends: tuple[tuple[Edit, ...], ...] = ()
    if end >= 0 and '"' not in inner:
        mends = ((Edit(start, end + 1, f'"{inner}"'),),)
    return Finding(
        "RLG104",
        f"unexpected character {name_of(mark)}",
        start,
        start + 1,
        hint='strings take double quotes, `"…"`',
        title="write double quotes",
        mends=mends,
    )
