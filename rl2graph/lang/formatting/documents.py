"""A small document algebra in the manner of Wadler and Prettier: text, and the places where it may break.

A document is a flat stream of pieces, not a tree, so that no depth of nesting and no length of a chain can
exhaust the interpreter's stack. A group stands on one line if it fits, with what follows it up to the next
place where a line may end; where it does not fit, every `LINE` and `SOFT` directly in it ends a line.
Laying out a document takes time linear in its pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

STEP = 2


class Mark(Enum):
    """Pieces without text. `HARD` always ends the line, and so breaks every group that it is in."""

    OPEN = auto()
    CLOSE = auto()
    INDENT = auto()
    DEDENT = auto()
    LINE = auto()
    SOFT = auto()
    HARD = auto()


@dataclass(frozen=True, slots=True)
class IfBroken:
    """One text in a broken group, another in a group on one line."""

    broken: str
    flat: str = ""


@dataclass(frozen=True, slots=True)
class LineComment:
    """A comment for the end of this line, wherever that comes; no part of the line's width.

    It breaks every group that it is in: a comment inside brackets must end a line of theirs.
    """

    text: str


Piece = str | Mark | IfBroken | LineComment
Pieces = Iterator["Piece | Pieces"]

_MAY_END_A_LINE = (Mark.LINE, Mark.SOFT, Mark.HARD)


@dataclass(slots=True)
class Line:
    """One line of the result."""

    indent: int
    code: str
    comment: str | None = None


def flatten(pieces: Pieces) -> list[Piece]:
    """The pieces in order; a piece that is itself an iterator stands for what it yields.

    Iterators are run one after the other, on a stack of their own: a printer of nested things yields the
    printer of each part and never calls it.
    """
    result: list[Piece] = []
    stack = [pieces]
    while stack:
        for piece in stack[-1]:
            if isinstance(piece, Iterator):
                stack.append(piece)
                break
            result.append(piece)
        else:
            stack.pop()
    return result


def layout(pieces: Pieces, width: int) -> list[Line]:
    """The lines of a document, none wider than `width` characters where its groups allow it."""
    document = flatten(pieces)
    fits = _Fits(document, width)
    page = _Page()
    broken = [True]
    for index, piece in enumerate(document):
        match piece:
            case str():
                page.write(piece)
            case IfBroken():
                page.write(piece.broken if broken[-1] else piece.flat)
            case LineComment():
                page.comment = piece.text
            case Mark.OPEN:
                broken.append(broken[-1] and not fits(index, page.column))
            case Mark.CLOSE:
                broken.pop()
            case Mark.INDENT:
                page.indent += STEP
            case Mark.DEDENT:
                page.indent -= STEP
            case Mark.HARD:
                page.end_line()
            case Mark.LINE | Mark.SOFT:
                if broken[-1]:
                    page.end_line()
                elif piece is Mark.LINE:
                    page.write(" ")
    page.end_line()
    return page.lines


@dataclass(slots=True)
class _Page:
    """The lines written so far and the one being written."""

    lines: list[Line] = field(default_factory=list)
    indent: int = 0
    comment: str | None = None
    _line_indent: int = 0
    _texts: list[str] = field(default_factory=list)
    _width: int = 0

    @property
    def column(self) -> int:
        return self._line_indent + self._width if self._texts else self.indent

    def write(self, text: str) -> None:
        if not text:
            return
        if not self._texts:
            self._line_indent = self.indent
        self._texts.append(text)
        self._width += len(text)

    def end_line(self) -> None:
        code = "".join(self._texts)
        self.lines.append(Line(self._line_indent if code else 0, code, self.comment))
        self._texts, self._width, self.comment = [], 0, None


class _Fits:
    """Whether the group that opens at an index fits behind a column."""

    def __init__(self, document: list[Piece], width: int) -> None:
        self._width = width
        self._flat = _flat_widths(document)
        self._tail = _tails(document)
        self._close, self._forced = _groups(document)

    def __call__(self, index: int, column: int) -> bool:
        if index in self._forced:
            return False
        close = self._close[index]
        return column + self._flat[close] - self._flat[index] + self._tail[close] <= self._width


def _flat_widths(document: Iterable[Piece]) -> list[int]:
    """Width of everything before each piece, on one line."""
    widths = [0]
    for piece in document:
        match piece:
            case str():
                own = len(piece)
            case IfBroken():
                own = len(piece.flat)
            case _:
                own = 1 if piece is Mark.LINE else 0
        widths.append(widths[-1] + own)
    return widths


def _tails(document: list[Piece]) -> list[int]:
    """Width from each piece to the next place where a line may end."""
    tails = [0] * (len(document) + 1)
    for index in range(len(document) - 1, -1, -1):
        match document[index]:
            case str() as text:
                tails[index] = tails[index + 1] + len(text)
            case IfBroken(broken):
                tails[index] = tails[index + 1] + len(broken)
            case piece:
                tails[index] = 0 if piece in _MAY_END_A_LINE else tails[index + 1]
    return tails


def _groups(document: Iterable[Piece]) -> tuple[dict[int, int], set[int]]:
    """Where each group closes, and the groups that something inside forces to break."""
    close: dict[int, int] = {}
    forced: set[int] = set()
    opened: list[int] = []
    for index, piece in enumerate(document):
        if piece is Mark.OPEN:
            opened.append(index)
        elif piece is Mark.CLOSE:
            start = opened.pop()
            close[start] = index
            if start in forced and opened:
                forced.add(opened[-1])
        elif opened and (piece is Mark.HARD or isinstance(piece, LineComment)):
            forced.add(opened[-1])
    return close, forced
