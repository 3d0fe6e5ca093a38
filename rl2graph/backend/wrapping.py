"""Lines of emitted code that are no longer than people like to read."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 100
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def wrapped(line: str, indent: int) -> list[str]:
    """The line, broken inside its longest bracket where it is too long after `indent` blanks.

    What stands in the bracket goes on one line of its own where it fits, else on one line for each item.
    """
    margin = " " * indent
    bracket = _longest_bracket(line) if indent + len(line) > WIDTH else None
    if bracket is None:
        return [margin + line]
    opening, closing = bracket
    inside, inner = line[opening + 1 : closing], margin + "    "
    if len(inner) + len(inside) <= WIDTH:
        middle = [inner + inside]
    else:
        middle = [f"{inner}{item}," for item in _items(inside)]
    return [margin + line[: opening + 1], *middle, margin + line[closing:]]


def _longest_bracket(line: str) -> tuple[int, int] | None:
    """The longest of the calls and displays that are in no other bracket: where it opens and closes."""
    open_at: list[int] = []
    found: list[tuple[int, int]] = []
    for at, character in _outside_strings(line):
        if character in _PAIRS:
            open_at.append(at)
        elif character in _PAIRS.values():
            opening = open_at.pop()
            # A comma more would make a tuple of an index, or of what stands in plain parentheses.
            called = line[:opening][-1:].isidentifier() or line[:opening][-1:].isdigit()
            if not open_at and at > opening + 1 and called == (line[opening] == "("):
                found.append((opening, at))
    return max(found, key=lambda bracket: bracket[1] - bracket[0], default=None)


def _items(text: str) -> Iterator[str]:
    """The items between commas that are in no bracket."""
    depth, start = 0, 0
    for at, character in _outside_strings(text):
        if character in _PAIRS:
            depth += 1
        elif character in _PAIRS.values():
            depth -= 1
        elif character == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """Characters that are in no string, with their places."""
    quote, escaped = "", False
    for at, character in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        else:
            yield at, character
