"""The block of statements in a definition that cannot be read as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.diagnostics.suggest import nearest
from rl2graph.lang.brackets import after_annotations, pairs
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import Tokens, tokenize

_HEADERS = frozenset(["DEF", "KIND", "SHARED", "AGENTS"])
_HEADER_WORDS = ("def", "encoder", "head", "module", "shared", "agents")
_NOT_IN_A_HEADER = frozenset(["PIPE", "FOR", "COLON", SEPARATOR])


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between the braces: characters `start` to `stop` of a piece. `closed`: there is a `}`."""

    start: int
    stop: int
    closed: bool

    def blanked(self, piece: str) -> str:
        """The piece with an empty block, every other character where it was."""
        if self.closed:
            return piece[: self.start] + " " * (self.stop - self.start) + piece[self.stop :]
        return piece[: self.start] + " " * (self.stop - self.start - 1) + "}"


def find_body(piece: str) -> Body | None:
    """The block that the first statement of a piece opens, if it is one of statements."""
    if "{" not in piece:
        return None
    tokens = tokenize(piece, lenient=True)
    if "LBRACE" not in tokens.kinds:
        return None
    opening = tokens.kinds.index("LBRACE")
    if not _is_header(tokens, after_annotations(tokens.kinds), opening):
        return None
    closing = _closing(tokens, opening)
    start = tokens.ends[opening]
    stop = len(piece) if closing is None else tokens.starts[closing]
    return Body(start, stop, closing is not None) if start < stop else None


def _is_header(tokens: Tokens, start: int, stop: int) -> bool:
    kinds = tokens.kinds[start:stop]
    if len(kinds) < 2 or not _NOT_IN_A_HEADER.isdisjoint(kinds):
        return False
    depth = 0
    for index, kind in enumerate(kinds):
        if kind == "EQUAL" and depth == 0 and index < len(kinds) - 1:
            return False
        depth += (kind in CLOSING) - (kind in CLOSING.values())
    word = tokens.word(start)
    near = kinds[0] == "NAME" and nearest(word, _HEADER_WORDS) is not None
    return kinds[0] in _HEADERS or near or "RPAR" in kinds[-2:]


def _closing(tokens: Tokens, opening: int) -> int | None:
    """The `}` of a block: over several lines the one that stands less deep than what is in the block."""
    inside = opening + 1
    while tokens.kinds[inside] == SEPARATOR:
        inside += 1
    inner = _column(tokens, inside)
    if inner is not None:
        for index in range(inside, len(tokens)):
            if tokens.kinds[index] == "RBRACE":
                column = _column(tokens, index)
                if column is not None and column < inner:
                    return index
    return pairs(tokens.kinds).get(opening)


def _column(tokens: Tokens, index: int) -> int | None:
    """The column of a token that is the first of its line; None for any other."""
    start = tokens.starts[index]
    newline = tokens.text.rfind("\n", tokens.ends[index - 1], start)
    if newline < 0 and tokens.kinds[index - 1] == SEPARATOR:
        newline = tokens.text.rfind("\n", tokens.starts[index - 1], start)
    return None if newline < 0 else start - newline - 1
