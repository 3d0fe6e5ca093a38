"""Whether a piece of text can be read, and how reading it fails."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.diagnostics import Source
from rl2graph.lang import lalr
from rl2graph.lang.builder import EmptyBlock, NumberTooLong, UnknownEscape
from rl2graph.lang.lexer import Tokens, tokenize

Failure = lalr.Stuck | NumberTooLong | UnknownEscape | EmptyBlock
FAILURES = (lalr.Stuck, NumberTooLong, UnknownEscape, EmptyBlock)


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of text that cannot be read, and how the parser failed on it."""

    tokens: Tokens
    failure: Failure

    @property
    def left(self) -> int:
        """How many characters there are from the token that cannot stand to the end."""
        return len(self.tokens.text) - self.tokens.starts[self.failure.index]


def broken(piece: str, rule: str = "start", hollow: bool = False) -> Broken | None:
    """How reading a piece fails, or None where it does not."""
    tokens = tokenize(piece)
    try:
        lalr.parse(Source("", piece), tokens, rule, hollow)
    except FAILURES as failure:
        return Broken(tokens, failure)
    return None
