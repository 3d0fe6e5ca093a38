"""Bracketed lists as documents, and what the printers of a text share."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.lang.formatting.comment_cursor import CommentCursor
from rl2graph.lang.formatting.comments import Place, Scan
from rl2graph.lang.formatting.documents import IfBroken, Mark, Pieces

OPEN, CLOSE, INDENT, DEDENT = Mark.OPEN, Mark.CLOSE, Mark.INDENT, Mark.DEDENT
LINE, SOFT = Mark.LINE, Mark.SOFT


@dataclass(slots=True)
class Item:
    """Something between two commas: where it starts, where comments may stand in it, how to print it."""

    start: int
    inside: int
    pieces: Pieces


class BracketPrinter:
    """One printer prints one text, once, from its start to its end."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._comments = CommentCursor(scan.comments)
        self._pipeline_end = 0  # behind the comments after the statement that belong to its pipeline
        self._bracketed = False  # newlines do not count here, so that an operator may start a line

    def _items(self, opening: str, items: list[Item], closing: str, end: int, comma: str = ",") -> Pieces:
        """`items` in brackets, each on its line where they do not fit; the last bracket stands at `end`."""
        if not items and self._comments.next(end) is None:
            yield opening + closing
            return
        edge = LINE if opening == "{" else SOFT
        bracketed, self._bracketed = self._bracketed, True
        starts = [item.start for item in items] + [end]
        yield OPEN
        yield opening
        yield self._comments.behind(starts[0], Place.AFTER_OPENING)
        yield INDENT
        for number, item in enumerate(items, 1):
            yield edge if number == 1 else LINE
            yield self._comments.before(item.inside)
            yield item.pieces
            yield comma if number < len(items) else IfBroken(comma)
            yield self._comments.behind(starts[number])
        yield self._comments.last(end)
        yield DEDENT
        yield edge
        yield closing
        yield CLOSE
        self._bracketed = bracketed
