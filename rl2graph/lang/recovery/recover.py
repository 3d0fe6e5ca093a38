"""What can be read of a piece that cannot be read as a whole."""

from __future__ import annotations

import re
from dataclasses import replace

from rl2graph.diagnostics import Diagnostic, Fix, Source, Span
from rl2graph.diagnostics.suggest import edit_distance
from rl2graph.lang import ast, lalr
from rl2graph.lang.broken import Broken, broken
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import Tokens, tokenize
from rl2graph.lang.reading import Reading, read, read_piece
from rl2graph.lang.recovery.bodies import Body, find_body
from rl2graph.lang.recovery.slips_brackets import unclosed
from rl2graph.lang.recovery.slips_layout import unindented
from rl2graph.lang.recovery.syntax_errors import Explained, explain, explain_as
from rl2graph.lang.statements import cut

_NO_BRACKET = re.compile(r"[^()\[\]{}]+")
_MEANT_TO_GO_ON = "a line {}: lines inside brackets are indented more than their statement"
_RETURN_AND_MORE = re.compile(r"(\w+)(\s*[(\[].*)\Z", re.DOTALL)
_AGENTS = re.compile(r"\s*agents\b")
_SHOWN_LENGTH = 40
MAX_BLOCKS = 8  # inside each other, in which statements are read one by one


def recover(
    source: Source, start: int, piece: str, failed: Broken, into: Reading, first: bool, blocks: int
) -> None:
    """Read what can be read of a piece: parts of it, its block, what is before the slip, or nothing."""
    parts = cut(piece, by_indentation_alone=True) if "\n" in piece else []
    if len(parts) > 1:
        finding = unindented(piece)
        if finding is not None:
            into.add(_as_explained(explain_as(source, start, piece, finding)))
        else:
            _read_apart(source, start, parts, into, first, blocks)
        return
    body = find_body(piece) if blocks < MAX_BLOCKS else None
    if body is not None:
        inner = read(source, start + body.start, start + body.stop, blocks=blocks + 1)
        if inner.diagnostics and not _AGENTS.match(piece):
            inner.diagnostics[-1] = _ended(source, start + body.start, start + body.stop, inner)
        if inner.diagnostics or not body.closed:
            into.add(_around(source, start, piece, body, inner))
            return
    ended = _end_of_what_reads(failed)
    if ended is not None:
        stop, middle = start + len(piece), start + ended
        read_piece(source, start, middle, into, first, blocks)
        following = source.text.find("\n", middle, stop) + 1 or middle
        into.add(read(source, following, stop, blocks=blocks))
        return
    into.add(_as_explained(explain(source, start, piece, failed)))


def _as_explained(explained: Explained) -> Reading:
    return Reading([], [explained.diagnostic], explained.lost)


def _read_apart(
    source: Source, start: int, parts: list[tuple[int, int]], into: Reading, first: bool, blocks: int
) -> None:
    """Read statements one of which closes a bracket of another: where brackets belong is not certain."""
    before = len(into.diagnostics)
    for number, (part_start, part_end) in enumerate(parts):
        read_piece(source, start + part_start, start + part_end, into, first and number == 0, blocks)
    into.diagnostics[before:] = [_to_be_judged(found) for found in into.diagnostics[before:]]


def _to_be_judged(found: Diagnostic) -> Diagnostic:
    """The finding, its fix not safe if it adds or removes a bracket."""
    fix = found.fix
    if fix is None or _NO_BRACKET.sub("", fix.span.text) == _NO_BRACKET.sub("", fix.replacement):
        return found
    hint = found.hint
    if found.code == "RLG102":
        hint = hint or _MEANT_TO_GO_ON.format("further down closes a bracket")
    elif "no bracket is open" in found.message:
        hint = _MEANT_TO_GO_ON.format("further up leaves a bracket open")
    return replace(found, hint=hint, fix=replace(fix, safe=False))


def _ended(source: Source, start: int, stop: int, inner: Reading) -> Diagnostic:
    """The last finding in a block: that `return` is missing or misspelt, if its last statement then reads."""
    found = inner.diagnostics[-1]
    first, last = cut(source.text, start, stop)[-1]
    value = source.text[first:last].rstrip(" \t\r\n;")
    returned = any(isinstance(statement, ast.Return) for statement in inner.statements)
    if returned or found.span is None or found.span.start < first:
        return found
    misspelt = _RETURN_AND_MORE.match(value)
    if (
        misspelt
        and edit_distance(misspelt[1].casefold(), "return", 1) <= 1
        and not broken(f"return{misspelt[2]}")
    ):
        return _misspelt_return(source, Span(source, first, first + len(misspelt[1])))
    if broken(f"return {value}"):
        return found
    line = value.partition("\n")[0]
    shown = line if len(line) <= _SHOWN_LENGTH and line == value else "…"
    place = Span(source, first, first)
    return Diagnostic(
        "RLG101",
        "the block ends without `return`",
        Span(source, first, first + len(line)),
        hint=f"end the block with `return {shown}`",
        fix=Fix("put `return` before it", place, "return ", safe=True),
    )


def _misspelt_return(source: Source, word: Span) -> Diagnostic:
    """A word like `return` before an expression; where the word is used elsewhere it may be a function."""
    used = len(re.findall(rf"\b{re.escape(word.text)}\b", source.text))
    return Diagnostic(
        "RLG101",
        f"`{word.text}` is not a word of the language",
        word,
        hint="did you mean `return`?",
        fix=Fix("write `return`", word, "return", safe=used == 1),
    )


def _around(source: Source, start: int, piece: str, body: Body, inner: Reading) -> Reading:
    """A statement with a block of which something could not be read: the rest of it stays."""
    reading = Reading(diagnostics=list(inner.diagnostics))
    hollow = body.blanked(piece)
    failed = broken(hollow, hollow=True)
    if failed is not None:
        explained = explain(source, start, hollow, failed, hollow=True)
        reading.diagnostics.append(explained.diagnostic)
        reading.lost = explained.lost
    else:
        tokens = tokenize(hollow).moved(source.text, start)
        _, reading.statements = lalr.parse(source, tokens, hollow=True)
        for block in _blocks(reading.statements):
            if block.start == start + body.start - 1:
                block.statements, block.lost, block.broken = inner.statements, inner.lost, True
        if not body.closed:
            lenient = tokenize(piece, lenient=True)
            brace = lenient.starts.index(body.start - 1)
            reading.diagnostics.append(
                explain_as(source, start, piece, unclosed(lenient, [brace])).diagnostic
            )
    reading.diagnostics.sort(key=lambda diagnostic: diagnostic.span.start if diagnostic.span else 0)
    return reading


def _blocks(statements: list[ast.Statement]) -> list[ast.Block]:
    found: list[ast.Block] = []
    for statement in statements:
        while isinstance(statement, ast.Annotated):
            statement = statement.statement
        body = getattr(statement, "body", None)
        if isinstance(body, ast.Block):
            found.append(body)
    return found


def _end_of_what_reads(failed: Broken) -> int | None:
    """Where the statements before the broken one end, if the piece holds several on lines of their own."""
    if not isinstance(failed.failure, lalr.Stuck):
        return None
    tokens, limit = failed.tokens, failed.failure.index
    last = _last_separator(tokens, limit)
    if last is None:
        return None
    end = tokens.starts[last]
    return end if broken(tokens.text[:end]) is None else None


def _last_separator(tokens: Tokens, limit: int) -> int | None:
    """The last separator before token `limit` that stands in no brackets."""
    depth = 0
    found = None
    for index in range(limit):
        kind = tokens.kinds[index]
        depth += (kind in CLOSING) - (kind in CLOSING.values())
        if kind == SEPARATOR and depth == 0:
            found = index
    return found
