"""Read statement after statement, whatever is wrong with any of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rl2graph.diagnostics import Diagnostic, Source, Span
from rl2graph.lang import ast, lalr
from rl2graph.lang.broken import FAILURES, Broken
from rl2graph.lang.lexer import tokenize
from rl2graph.lang.statements import cut


@dataclass(slots=True)
class Reading:
    """What could be read, what is wrong with the rest, and the names that the rest seems to bind."""

    statements: list[ast.Statement] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    version: int | None = None

    def add(self, other: Reading) -> None:
        """Go on with what was read elsewhere."""
        self.statements += other.statements
        self.diagnostics += other.diagnostics
        self.lost += other.lost


def read(source: Source, start: int, stop: int, first: bool = False, blocks: int = 0) -> Reading:
    """Read `source.text[start:stop]`; a version is an error unless it stands `first` in the file."""
    reading = Reading()
    for number, (piece_start, piece_stop) in enumerate(cut(source.text, start, stop)):
        read_piece(source, piece_start, piece_stop, reading, first and number == 0, blocks)
    return reading


def read_piece(source: Source, start: int, stop: int, into: Reading, first: bool, blocks: int = 0) -> None:
    """Read what `cut` gives as one piece."""
    tokens = tokenize(source.text, start, stop)
    try:
        version, statements = lalr.parse(source, tokens)
    except FAILURES as failure:
        # Most texts are never in need of what it imports, which takes longer than they do.
        from rl2graph.lang.recovery.recover import recover

        piece = source.text[start:stop]
        recover(source, start, piece, Broken(tokens.moved(piece, -start), failure), into, first, blocks)
        return
    into.statements += statements
    if version is not None:
        if first:
            into.version = version
        else:
            message = "the version of the language stands on the first line"
            into.diagnostics.append(Diagnostic("RLG101", message, Span(source, start, tokens.ends[0])))
