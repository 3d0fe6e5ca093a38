"""Cut a text into its statements without parsing it: by indentation, and by the semicolons between them.

The parser takes a text piece by piece, so that one slip is one diagnostic and every good statement is read;
an incremental checker parses only the pieces that an edit touches.
"""

from __future__ import annotations

import re
import sys

from rl2graph.lang.brackets import crossing, divisions, left_open, only_annotates

_LINE = re.compile(r"^([ \t\r\f;]*+)(\|>|[^ \t\r\f\n#;])", re.MULTILINE)  # one that has code
_GOES_ON = frozenset(["|>", ")", "]", "}"])
_BLANK = re.compile(r"(?:[ \t\r\f\n;]|#[^\n]*)*+")


def cut(
    text: str, start: int = 0, stop: int | None = None, *, by_indentation_alone: bool = False
) -> list[tuple[int, int]]:
    """Start and end of each statement of `text[start:stop]`, in order, without blanks and comments before it.

    A piece may hold several statements: lines indented more than one before them belong to its piece. So do,
    unless they are cut `by_indentation_alone`, lines up to one that closes a bracket of the piece; it then
    starts with the blanks of its first line.
    """
    stop = len(text) if stop is None else stop
    groups = _groups(text, start, stop)
    if not by_indentation_alone:
        groups = _up_to_closing_brackets(text, groups)
    pieces: list[tuple[int, int]] = []
    for group_start, group_end in groups:
        divided = (
            text.find(";", group_start, group_end) >= 0 or text.find("@", group_start + 1, group_end) >= 0
        )
        if not divided or text[group_start] in " \t":  # a part would lose the column where its line starts
            pieces.append((group_start, group_end))
            continue
        start = group_start
        for end, following in [*divisions(text, group_start, group_end), (group_end, group_end)]:
            code = _end_of_blank(text, start, end)
            if code < end:
                pieces.append((code, end))
            start = following
    return _with_annotations(text, pieces)


def _groups(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Runs of lines that belong together: a line, and the deeper or continuing lines after it."""
    groups: list[tuple[int, int]] = []
    first, last, indent = _behind_a_brace(text, start, stop)
    for match in _LINE.finditer(text, start, stop):
        begin, code = match.span(1)
        if first < 0 or (code - begin <= indent and match[2] not in _GOES_ON):
            if first >= 0:
                groups.append((first, last))
            first, indent = code, code - begin
        last = _end_of_line(text, code, stop)
    if first >= 0:
        groups.append((first, last))
    return groups


def _up_to_closing_brackets(text: str, groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The groups, one that leaves a bracket open joined to those up to the one that closes it."""
    last_of: dict[int, int] = {}
    for first, last in crossing(text, groups):
        last_of[first] = max(last, last_of.get(first, last))
    if not last_of:
        return groups
    joined: list[tuple[int, int]] = []
    number = 0
    while number < len(groups):
        first = last = number
        while number <= last:
            last = max(last, last_of.get(number, number))
            number += 1
        start = groups[first][0] if first == last else _with_blanks(text, groups[first][0])
        joined.append((start, groups[last][1]))
    return joined


def _with_blanks(text: str, start: int) -> int:
    """Where the line starts, if nothing but blanks stands before `start`."""
    line = text.rfind("\n", 0, start) + 1
    return start if text[line:start].strip() else line


def _behind_a_brace(text: str, start: int, stop: int) -> tuple[int, int, int]:
    """Start, end and indentation of a group that starts within a line, as after `{`; a start of -1 for none.

    The lines after it go on with it only where it leaves a bracket open.
    """
    if start == 0 or text[start - 1] == "\n":
        return -1, start, 0
    end = _end_of_line(text, start, stop)
    code = _end_of_blank(text, start, end)
    if code >= end:
        return -1, start, 0
    return code, end, -1 if left_open(text, code, end) else sys.maxsize


def _with_annotations(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces, one that only annotates joined to the next."""
    if not any(text[start] == "@" for start, _ in pieces):
        return pieces
    joined: list[tuple[int, int]] = []
    waiting = -1
    for start, end in pieces:
        begin = start if waiting < 0 else waiting
        if text[start] in " \t":
            begin = _with_blanks(text, begin)
        waiting = begin if text[start] == "@" and only_annotates(text, start, end) else -1
        if waiting < 0:
            joined.append((begin, end))
    if waiting >= 0:
        joined.append((waiting, pieces[-1][1]))
    return joined


def _end_of_line(text: str, start: int, stop: int) -> int:
    newline = text.find("\n", start, stop)
    return stop if newline < 0 else newline


def _end_of_blank(text: str, start: int, stop: int) -> int:
    match = _BLANK.match(text, start, stop)
    assert match is not None
    return match.end()
