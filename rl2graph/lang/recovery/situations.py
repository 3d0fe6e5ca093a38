"""What a situation of the parser is, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rl2graph.lang.brackets import pairs
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import END
from rl2graph.lang.recovery.scene import Scene

_CLOSE_UP = frozenset([END, SEPARATOR, "COMMA", *CLOSING.values()])  # no blank is left before these


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters `start` to `end` of a piece."""

    start: int
    end: int
    text: str


def apply(piece: str, edits: Iterable[Edit]) -> str:
    """The piece with some edits made, which do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        piece = piece[: edit.start] + edit.text + piece[edit.end :]
    return piece


@dataclass(frozen=True, slots=True)
class Swap:
    """Put `text` in the place of some tokens, counted from the one that cannot stand."""

    text: str
    first: int = 0
    last: int | None = None

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        tokens, first = scene.tokens, scene.index + self.first
        last = first if self.last is None else scene.index + self.last
        if first < 0 or last >= len(tokens):
            return []
        return [Edit(tokens.starts[first], tokens.ends[last], self.text.format_map(words))]


@dataclass(frozen=True, slots=True)
class Put:
    """Put `text` behind the token before the one that cannot stand (or another, counted from that)."""

    text: str
    after: int = -1

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        if scene.index + self.after < 0:
            return []
        end = scene.tokens.ends[scene.index + self.after]
        return [Edit(end, end, self.text.format_map(words))]


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave some tokens out, with the blanks before them, or after them at the start of a statement."""

    first: int = 0
    last: int | None = None

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        tokens, first = scene.tokens, scene.index + self.first
        last = first if self.last is None else scene.index + self.last
        if last + 1 >= len(tokens):
            return []
        if first == 0:
            return [Edit(tokens.starts[0], tokens.starts[last + 1], "")]
        following = tokens.kinds[last + 1]
        if following not in _CLOSE_UP and tokens.starts[last + 1] == tokens.ends[last]:
            return [Edit(tokens.starts[first], tokens.ends[last], "")]
        return [Edit(tokens.ends[first - 1], tokens.ends[last], "")]


@dataclass(frozen=True, slots=True)
class Append:
    """Put `text` at the end of the piece, and other mends where they belong."""

    text: str
    others: tuple[Swap | Put | Drop, ...]

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        end = scene.tokens.ends[-1]
        found = [edit for other in self.others for edit in other.edits(scene, words)]
        return [*found, Edit(end, end, self.text.format_map(words))]


@dataclass(frozen=True, slots=True)
class Parenthesise:
    """Put the whole expression, from behind the last `=` or `return` to the end, between parentheses."""

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        kinds = scene.tokens.kinds
        heads = [index for index in range(scene.index) if kinds[index] in ("EQUAL", "RETURN")]
        if not heads:
            return []
        start, end = scene.tokens.starts[heads[-1] + 1], scene.tokens.ends[-1]
        return [Edit(start, start, "("), Edit(end, end, ")")]


@dataclass(frozen=True, slots=True)
class Rebracket:
    """Put other brackets in the place of the innermost pair that is open."""

    opening: str
    closing: str

    def edits(self, scene: Scene, words: dict[str, str]) -> list[Edit]:
        opening = scene.opened[-1]
        closing = pairs(scene.tokens.kinds).get(opening)
        if closing is None:
            return []
        return [
            Edit(*scene.tokens.span(opening), self.opening),
            Edit(*scene.tokens.span(closing), self.closing),
        ]


Mend = Swap | Put | Drop | Append | Parenthesise | Rebracket


@dataclass(frozen=True, slots=True)
class Situation:
    """One mistake: where it is seen, what is said, and the mends to try, each verified before it is offered.

    `where` is a regular expression over `Scene.context`. Texts may name its groups, `{word}` (the token that
    cannot stand) and `{previous}` (the one before). Without a `message` the plain one is given.
    """

    where: str
    message: str = ""
    hint: str = ""
    title: str = ""
    mends: tuple[Mend, ...] = ()
    inside: frozenset[str] | None = None  # kinds of the innermost bracket that is open; "" for none
    expects: frozenset[str] = frozenset()  # kinds that could stand instead
    touching: bool = False
    safe: bool = True  # a mend that parses, and no rival, is what was meant
    rivals: tuple[Mend, ...] = ()  # what may have been meant just as well, if it makes another tree
    in_header: bool | None = None  # only (or not) among the parameters of a definition
    at: tuple[int, int] = (
        0,
        0,
    )  # first and last token under the carets, counted from the one that cannot stand

    def match(self, scene: Scene) -> dict[str, str] | None:
        """The words for the texts, where the scene is this situation."""
        if self.inside is not None and scene.inside not in self.inside:
            return None
        if self.in_header is not None and self.in_header != scene.in_header:
            return None
        if self.touching and not scene.touching:
            return None
        found = _compiled(self.where).search(scene.context)
        if found is None or not self.expects <= scene.expected:
            return None
        return {"word": scene.word, "previous": scene.previous, **found.groupdict(default="")}


@cache
def _compiled(where: str) -> re.Pattern[str]:
    """Compiled when it is needed: all of them together take longer than most texts do."""
    return re.compile(rf"(?:(?<= )|^){where}")


TOP = frozenset([""])
IN_CALL = frozenset(["LPAR"])
IN_LIST = frozenset(["LSQB"])
IN_BRACES = frozenset(["LBRACE"])
IN_BRACKETS = IN_CALL | IN_LIST
"""Values for `Situation.inside`."""
