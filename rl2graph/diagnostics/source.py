"""Source texts and the places in them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from rl2graph.frozen import quickly_made


@dataclass(frozen=True, eq=False)
class Source:
    """A text and the name that diagnostics give it (a path, or `<text>`).

    `shipped` marks the language's own library: findings there are shown at the user's call instead.
    """

    name: str
    text: str = field(repr=False)
    shipped: bool = False

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        starts = [0]
        find = self.text.find
        position = find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = find("\n", position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`, both counted from 1 and in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Text of line `number` (from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Part(Source):
    """A stretch of another text, as a text of its own that can be moved: places in it are told as places in
    the whole.
    """

    def __init__(self, text: str, whole: Source, start: int) -> None:
        super().__init__(whole.name, text, whole.shipped)
        self.move(whole, start)

    def move(self, whole: Source, start: int) -> None:
        """Put it at the character `start` of `whole`, which must hold the same text there."""
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "start", start)

    whole: Source
    start: int

    def position(self, offset: int) -> tuple[int, int]:
        return self.whole.position(self.start + offset)

    def line(self, number: int) -> str:
        return self.whole.line(number)


@quickly_made
@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` to `end` (exclusive) of a source."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def in_whole(self) -> Span:
        """The same characters as a span of the whole text, where the source is a part of one."""
        source = self.source
        if isinstance(source, Part):
            return Span(source.whole, source.start + self.start, source.start + self.end)
        return self

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)

    def location(self) -> tuple[str, int, int]:
        """Name of the source, line and column."""
        return (self.source.name, *self.source.position(self.start))
