"""Cut a text into its top-level statements without parsing it, by the indentation rule.

Used where a text has a syntax error: each statement is then parsed alone, so that one slip is one diagnostic
and every good statement is still read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|#[^\n]*|\n|;|[()\[\]{}]|[^"#\n;()\[\]{}]+')
_INDENT = re.compile(r"[ \t]*")
_CONTINUES = re.compile(r"[ \t]*(?:\|>|[)\]}])")
_BOUND = re.compile(r"(?:@[^\n=]*[ \t\n])?(?:[A-Za-z_]\w*[ \t]+)*([A-Za-z_]\w*)[ \t]*(?:=|\(|$)")
_ANNOTATIONS = re.compile(r"(?:[ \t]*@[A-Za-z_]\w*[ \t]*(?:\([^()]*\))?\s*(?:#[^\n]*)?\s*)+")
_EMPTY = re.compile(r"(?:[ \t\r\f\n;]|#[^\n]*)*")


def cut(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each top-level statement of `text`, in order; blanks and comments belong to none."""
    for start, end in _line_groups(text):
        for piece_start, piece_end in _split_semicolons(text, start, end):
            start_of_code = _EMPTY.match(text, piece_start, piece_end)
            assert start_of_code is not None
            if start_of_code.end() < piece_end:
                yield start_of_code.end(), piece_end


def bound_names(statement: str) -> list[str]:
    """The name that a statement which cannot be parsed seems to bind, if any."""
    match = _BOUND.match(statement)
    return [match[1]] if match else []


def _line_groups(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that belong together: a line, and the deeper or continuing lines after it."""
    group_start = 0
    group_indent: int | None = None
    position = 0
    while position <= len(text):
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end
        indent = _INDENT.match(text, position)
        assert indent is not None
        first = text[indent.end() : indent.end() + 1]
        blank = first in ("", "\n", "#") or text[indent.end() : line_end].strip() == ""
        if not blank:
            column = indent.end() - position
            continues = group_indent is not None and (
                column > group_indent
                or _CONTINUES.match(text, position) is not None
                or _ANNOTATIONS.fullmatch(text, group_start, position) is not None
            )
            if not continues:
                if group_indent is not None:
                    yield group_start, position
                group_start, group_indent = position, column
        position = line_end + 1
    if group_indent is not None:
        yield group_start, len(text)


def _split_semicolons(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces between the semicolons that no closed pair of brackets encloses."""
    tokens = list(_TOKEN.finditer(text, start, end))
    closed = _closed_pairs(tokens)
    depth = 0
    piece_start = start
    for index, match in enumerate(tokens):
        if index in closed:
            depth += 1 if match[0] in "([{" else -1
        elif match[0] == ";" and depth == 0:
            yield piece_start, match.start()
            piece_start = match.end()
    yield piece_start, end


def _closed_pairs(tokens: list[re.Match[str]]) -> set[int]:
    """Indices of the opening and closing brackets that match each other."""
    opened: list[int] = []
    closed: set[int] = set()
    for index, match in enumerate(tokens):
        if match[0] in ("(", "[", "{"):
            opened.append(index)
        elif match[0] in (")", "]", "}") and opened:
            closed.update((opened.pop(), index))
    return closed
