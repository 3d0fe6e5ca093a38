"""Takes the comments of a text one by one, as a printer comes to the places where they may stand."""

from __future__ import annotations

from collections.abc import Sequence

from rl2graph.lang.formatting.comments import Comment, Place
from rl2graph.lang.formatting.documents import LineComment, Mark, Pieces


class CommentCursor:
    """The comments that are not printed yet. `limit` is an offset: what stands there has its own comments."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        self._comments = comments
        self._taken = 0

    def next(self, limit: int) -> Comment | None:
        """The next comment, if it stands before `limit`."""
        if self._taken == len(self._comments):
            return None
        comment = self._comments[self._taken]
        return comment if comment.start < limit else None

    def take(self, comment: Comment) -> str:
        """The text of the next comment, which is now printed."""
        self._taken += 1
        return comment.text

    def before(self, limit: int) -> Pieces:
        """At the start of a line: all comments before `limit`, each on a line of its own."""
        while comment := self.next(limit):
            yield self.take(comment)
            yield Mark.HARD

    def last(self, limit: int) -> Pieces:
        """At the end of a line: all comments before `limit`, each on a line of its own."""
        while comment := self.next(limit):
            yield Mark.HARD
            yield self.take(comment)

    def behind(self, limit: int, place: Place = Place.END_OF_LINE) -> Pieces:
        """The comment at the end of this line, if there is one before `limit`."""
        comment = self.next(limit)
        if comment is not None and comment.place is place:
            yield LineComment(self.take(comment))
