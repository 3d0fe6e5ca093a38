"""Where statements end: the post-lexer that turns separators and indentation into structure.

A separator counts between statements and inside blocks, never inside brackets. Inside brackets and blocks a
line that is indented no more than its statement ends the statement, unless it starts with a closing bracket
or `|>`: so a bracket that is never closed is one error, at its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lark import Token

MAX_DEPTH = 100

_COMMENT = re.compile(r"#[^\n]*")
_OPENING = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}


class UnclosedBracket(Exception):
    """`opening` is not closed before its statement ends."""

    def __init__(self, opening: Token) -> None:
        super().__init__(opening)
        self.opening = opening


class TooDeep(Exception):
    """More than MAX_DEPTH brackets inside each other."""

    def __init__(self, opening: Token) -> None:
        super().__init__(opening)
        self.opening = opening


@dataclass(slots=True)
class _Open:
    token: Token
    is_block: bool
    indent: int


class Layout:
    """Lark's post-lexer protocol: `process` a stream; `always_accept` terminals in every parser state."""

    always_accept = ("_SEP",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        opened: list[_Open] = []
        line = 0  # of the last token
        line_indent = 0  # column of the first token on that line
        indent = 0  # of the line on which the current statement starts
        fresh = True  # the next token starts a statement
        previous = ""
        for token in stream:
            kind = token.type
            if kind == "_SEP":
                if opened and not opened[-1].is_block:
                    if ";" in _COMMENT.sub("", token):
                        raise UnclosedBracket(opened[-1].token)
                    continue
                fresh = True
                yield token
                continue
            if token.line != line:
                line, line_indent = token.line or 0, token.column or 0
                if opened and line_indent <= opened[-1].indent and kind not in _CLOSING and kind != "PIPE":
                    raise UnclosedBracket(opened[-1].token)
            if fresh:
                indent, fresh = line_indent, False
            if kind in _OPENING:
                is_block = kind == "LBRACE" and previous != "COLON"
                opened.append(_Open(token, is_block, indent))
                fresh = is_block
                if len(opened) > MAX_DEPTH:
                    raise TooDeep(token)
            elif kind in _CLOSING and opened:
                if _OPENING[opened[-1].token.type] != token:
                    raise UnclosedBracket(opened[-1].token)
                indent = opened.pop().indent
            previous = kind
            yield token
        if opened:
            raise UnclosedBracket(opened[-1].token)
