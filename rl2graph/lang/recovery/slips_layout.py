"""Lines inside brackets that are indented no more than their statement."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.lang.brackets import pairs
from rl2graph.lang.broken import broken
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import END, Tokens, tokenize
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.situations import Edit, apply

_STEP = 4  # columns
_GOING_ON = frozenset(["PIPE", *CLOSING.values(), END])


@dataclass(slots=True)
class _Open:
    """A bracket that is open."""

    opening: int  # its token
    is_block: bool
    indent: int  # of its statement
    moved: bool = False  # were lines in it moved


def unindented(piece: str) -> Finding | None:
    """The one mistake of a piece that reads as soon as the lines in its brackets are indented, if it does."""
    tokens = tokenize(piece, lenient=True)
    partners = pairs(tokens.kinds)
    if any(kind in CLOSING and index not in partners for index, kind in enumerate(tokens.kinds)):
        return None
    moves = _moves(tokens)
    if any(not _closes_on_its_own_line(tokens, partners[opening]) for opening, _, _ in moves):
        return None
    if not moves or broken(apply(piece, [edit for _, _, edit in moves])) is not None:
        return None
    opening, first, _ = moves[0]
    last = first
    while last + 1 < len(tokens) - 1 and "\n" not in piece[tokens.starts[first] : tokens.starts[last + 1]]:
        last += 1
    return Finding(
        "RLG102",
        f"a line inside `{tokens.word(opening)}` is indented no more than its statement",
        tokens.starts[first],
        tokens.ends[last],
        others=((*tokens.span(opening), "opened here"),),
        hint="a line that is not indented ends the statement before it, and with it the open bracket",
        title="indent the lines inside the brackets" if len(moves) > 1 else "indent the line",
        mends=(tuple(edit for _, _, edit in moves),),
    )


def _moves(tokens: Tokens) -> list[tuple[int, int, Edit]]:
    """An edit for each line that stands too far left, with its bracket and its first token.

    Nothing where a block has such a line after one that is indented: it may have been meant outside.
    """
    found: list[tuple[int, int, Edit]] = []
    opened: list[_Open] = []
    column = indent = _indentation(tokens)
    for index, kind in enumerate(tokens.kinds):
        newline = tokens.text.rfind("\n", tokens.ends[index - 1] if index else 0, tokens.starts[index])
        if kind == SEPARATOR:
            continue
        if index and tokens.kinds[index - 1] == SEPARATOR:
            newline = tokens.text.rfind("\n", tokens.starts[index - 1], tokens.starts[index])
        if newline >= 0:
            column = tokens.starts[index] - newline - 1
        inner = opened[-1] if opened else None
        if newline >= 0 and inner and column <= inner.indent and kind not in _GOING_ON:
            first = set(tokens.kinds[inner.opening + 1 : index]) <= {SEPARATOR}
            if inner.is_block and not (first or inner.moved):
                return []
            inner.moved = True
            blanks = " " * (inner.indent + _STEP - column)
            found.append((inner.opening, index, Edit(newline + 1, newline + 1, blanks)))
            column = inner.indent + _STEP
        elif newline >= 0 and inner and inner.moved and kind in CLOSING.values() and column < inner.indent:
            blanks = " " * (inner.indent - column)
            found.append((inner.opening, index, Edit(newline + 1, newline + 1, blanks)))
            column = inner.indent
        if (index and tokens.kinds[index - 1] == SEPARATOR) or (
            newline >= 0 and (inner is None or inner.is_block) and kind not in _GOING_ON
        ):
            indent = column
        if kind in CLOSING:
            is_block = kind == "LBRACE" and (index == 0 or tokens.kinds[index - 1] != "COLON")
            opened.append(_Open(index, is_block, indent))
            indent = column if is_block else indent
        elif kind in CLOSING.values() and opened:
            indent = opened.pop().indent
    return found


def _closes_on_its_own_line(tokens: Tokens, closing: int) -> bool:
    """Whether a closing bracket, if it is a brace, is the first of its line, as that of a block is."""
    start = tokens.starts[closing]
    line = tokens.text.rfind("\n", 0, start) + 1
    return tokens.kinds[closing] != "RBRACE" or not tokens.text[line:start].strip()


def _indentation(tokens: Tokens) -> int:
    """The column of the first token, in a text that starts at the start of its line."""
    start = tokens.starts[0]
    return start - tokens.text.rfind("\n", 0, start) - 1
