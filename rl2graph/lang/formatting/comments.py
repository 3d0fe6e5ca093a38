"""What the syntax tree leaves out of a text: comments, blank lines, and which bracket closes which."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from enum import Enum, auto

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[ \t\r\f;]+|[^\s"#()\[\]{};]+|.|\n')
_BLANK_LINE = re.compile(r"\n[ \t\r\f]*\n")
_BETWEEN = " \t\r\f\n;"
_TIGHT_HASH = re.compile(r"\A#(?=[^\s#!])")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Place(Enum):
    """Where a comment stands."""

    OWN_LINE = auto()
    AFTER_OPENING = auto()  # directly behind an opening bracket, on its line
    END_OF_LINE = auto()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its text as it will be printed, and the offset of its `#`."""

    text: str
    start: int
    place: Place


@dataclass(frozen=True, slots=True)
class Scan:
    """Offsets of a text that has no syntax error.

    `comments` are in order. `closing` gives the closing bracket of each opening one. `opening` gives, for the
    first token behind an opening bracket, that bracket. `depth` is that of the deepest bracket.
    """

    text: str
    comments: list[Comment]
    closing: dict[int, int]
    opening: dict[int, int]
    depth: int

    def blank_line_before(self, offset: int) -> bool:
        """Whether a blank line stands between `offset` and what precedes it."""
        start = offset
        while start and self.text[start - 1] in _BETWEEN:
            start -= 1
        return _BLANK_LINE.search(self.text, start, offset) is not None

    def indent(self, offset: int) -> int:
        """Blanks at the start of the line that `offset` is on."""
        line = self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
        return len(line) - len(line.lstrip())

    def indented_comments(self, start: int, end: int, limit: int) -> int:
        """How far comments that are indented more go on behind a statement from `start` to `end`."""
        result = 0
        for comment in self.comments[bisect(self.comments, end, key=lambda comment: comment.start) :]:
            if comment.start > limit or self.blank_line_before(comment.start):
                break
            if comment.place is Place.OWN_LINE:
                if self.indent(comment.start) <= self.indent(start):
                    break
                result = comment.start + 1
        return result


def scan(text: str) -> Scan:
    """The comments and brackets of `text`."""
    comments: list[Comment] = []
    closing: dict[int, int] = {}
    opening: dict[int, int] = {}
    opened: list[int] = []
    depth = 0
    place = Place.OWN_LINE  # of a comment that stood here
    last_opening: int | None = None  # the token before this one, where it is an opening bracket
    for match in _TOKEN.finditer(text):
        token, start = match[0], match.start()
        if token[0] == "#":
            comments.append(Comment(normalised(token), start, place))
        elif token == "\n":
            place = Place.OWN_LINE
        elif token[0] not in _BETWEEN:
            if last_opening is not None:
                opening[start] = last_opening
            last_opening = start if token in _CLOSING else None
            place = Place.END_OF_LINE if last_opening is None else Place.AFTER_OPENING
            if token in _CLOSING:
                opened.append(start)
                depth = max(depth, len(opened))
            elif token in _CLOSING.values():
                closing[opened.pop()] = start
    return Scan(text, comments, closing, opening, depth)


def normalised(comment: str) -> str:
    """A comment with a blank behind its `#` (but `#!` and `##` stay as they are) and none at its end."""
    return _TIGHT_HASH.sub("# ", comment.rstrip())
