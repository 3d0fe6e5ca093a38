"""Which brackets close each other in a text that need not parse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import END, tokenize

_OPENER = {")": "(", "]": "[", "}": "{"} | {closer: opener for opener, closer in CLOSING.items()}
_OPENERS = frozenset(_OPENER.values())
_MARK = re.compile(r"""\"(?:[^"\\\n]|\\.)*+\"?|'[^'\n]*+'|\#[^\n]*|[;()\[\]{}]|(?<=\n)[ \t\r\f]*+@""")
# The usual ones, in less time than the lexer takes.
_PLAIN_ANNOTATIONS = re.compile(r"""(?:@[A-Za-z_]\w*+[ \t]*+(?:\([^()\"\#\n]*+\)[ \t]*+)?)++(?:\#[^\n]*)?""")


def pairs(marks: Iterable[str]) -> dict[int, int]:
    """Index of the closing bracket by that of its opening one, among tokens' texts or kinds.

    An opening bracket that the closing one of an outer pair overtakes has no partner, and a closing one
    without an opening one of its kind before it has none.
    """
    opened: list[tuple[int, str]] = []
    waiting = dict.fromkeys(_OPENERS, 0)
    found: dict[int, int] = {}
    for index, mark in enumerate(marks):
        if mark in _OPENERS:
            opened.append((index, mark))
            waiting[mark] += 1
        elif (opener := _OPENER.get(mark)) and waiting[opener]:
            partner = ""
            while partner != opener:
                start, partner = opened.pop()
                waiting[partner] -= 1
            found[start] = index
    return found


def unclosed(kinds: Sequence[str]) -> list[int]:
    """Indices of the opening brackets without a partner, in order."""
    partners = pairs(kinds)
    return [index for index, kind in enumerate(kinds) if kind in CLOSING and index not in partners]


def divisions(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Where `text[start:stop]` divides outside all pairs of brackets: end of a part, start of the next.

    It divides at semicolons, and before lines that start with `@`, which go on with nothing.
    """
    marks = list(_MARK.finditer(text, start, stop))
    partners = pairs(match[0] for match in marks)
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(marks):
        mark = marks[index]
        if mark[0] == ";":
            found.append(mark.span())
        elif mark[0][-1] == "@":
            found.append((mark.start() - 1, mark.start()))
        index = partners.get(index, index) + 1
    return found


def crossing(text: str, groups: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Numbers of two groups of lines, where the first leaves a bracket open that the second closes."""
    marks: list[tuple[str, int]] = []
    for number, (start, end) in enumerate(groups):
        if _may_cross(text, start, end):
            marks += [(mark[0], number) for mark in _MARK.finditer(text, start, end)]
    partners = pairs(mark for mark, _ in marks)
    numbers = [(marks[opening][1], marks[closing][1]) for opening, closing in partners.items()]
    return [(first, last) for first, last in numbers if first < last]


def _may_cross(text: str, start: int, end: int) -> bool:
    """Whether a text opens and closes unequally often, as far as counting can tell, which takes no time."""
    count = text.count
    return (
        count("(", start, end) != count(")", start, end)
        or count("[", start, end) != count("]", start, end)
        or count("{", start, end) != count("}", start, end)
        or text.find("#", start, end) >= 0
        or text.find('"', start, end) >= 0
    )


def left_open(text: str, start: int, stop: int) -> bool:
    """Whether `text[start:stop]` opens a bracket that it does not close."""
    return bool(unclosed([match[0] for match in _MARK.finditer(text, start, stop)]))


def after_annotations(kinds: Sequence[str], start: int = 0) -> int:
    """Index of the first token from `start` on that belongs to no annotation, nor to the gap behind one."""
    partners = pairs(kinds) if "LPAR" in kinds else {}
    index = start
    while kinds[index] == "AT" and kinds[index + 1] not in (END, SEPARATOR):
        index += 2
        if index in partners and kinds[index] == "LPAR":
            index = partners[index] + 1
        elif kinds[index] == "EQUAL" and kinds[index + 1] not in (END, SEPARATOR):
            index += 2  # a slip: `@lr=1e-4`
        if kinds[index] == SEPARATOR:
            index += 1
    return index


def only_annotates(text: str, start: int, stop: int) -> bool:
    """Whether `text[start:stop]` is annotations alone, which belong to the statement after them."""
    if _PLAIN_ANNOTATIONS.fullmatch(text, start, stop):
        return True
    kinds = tokenize(text, start, stop).kinds
    return kinds[after_annotations(kinds)] == END
