"""Where statements end: what newlines, semicolons and indentation between two tokens mean.

A separator counts between statements and inside blocks, never inside brackets. Inside brackets and blocks a
line that is indented no more than its statement ends the statement, unless it starts with a closing bracket
or `|>`: so a bracket that is never closed is one error, at its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

MAX_DEPTH = 100
"""How many brackets may stand inside each other, unless `nesting` says otherwise."""

_most: ContextVar[int] = ContextVar("most", default=MAX_DEPTH)


@contextmanager
def nesting(most: int) -> Iterator[None]:
    """Allow so many brackets inside each other."""
    token = _most.set(most)
    try:
        yield
    finally:
        _most.reset(token)


def most_brackets() -> int:
    """How many brackets may stand inside each other here."""
    return _most.get()


SEPARATOR = "_SEP"
DEDENT = "DEDENT"  # a line inside brackets that is indented no more than its statement
DEEP = "DEEP"  # one bracket too many inside others
CLOSING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}

_CONTINUING = re.compile(r"\|>|[)\]}]")
_COMMENT = re.compile(r"#[^\n]*")


class Layout:
    """What gaps between tokens mean: the brackets that are open, and the indentation of statements."""

    __slots__ = ("column", "indent", "lenient", "most", "opened")

    def __init__(self, lenient: bool, column: int = 0) -> None:
        self.opened: list[tuple[bool, int]] = []  # is it a block, and the indentation of its statement
        self.column = column  # of the first token of this line
        self.indent = column  # of the line on which this statement starts
        self.lenient = lenient
        self.most = most_brackets()

    def opening(self, kind: str, previous: str) -> str:
        """Note a bracket; its kind, or DEEP."""
        is_block = kind == "LBRACE" and previous != "COLON"
        self.opened.append((is_block, self.indent))
        if is_block:
            self.indent = self.column
        return DEEP if len(self.opened) > self.most and not self.lenient else kind

    def closing(self) -> None:
        """Note that the innermost bracket closes."""
        if self.opened:
            self.indent = self.opened.pop()[1]

    def gap(self, text: str, begin: int, end: int) -> str:
        """What newlines, semicolons and comments between two tokens are: SEPARATOR, DEDENT or nothing."""
        newline = text.rfind("\n", begin, end)
        if newline >= 0:
            self.column = end - newline - 1
        in_block, indent = self.opened[-1] if self.opened else (True, -1)
        goes_on = _CONTINUING.match(text, end) is not None
        if newline >= 0 and self.column <= indent and not goes_on and not self.lenient:
            return DEDENT
        if not _has_semicolon(text[begin:end]) and (goes_on or not in_block):
            return ""
        self.indent = self.column
        return SEPARATOR


def _has_semicolon(gap: str) -> bool:
    return ";" in gap and ("#" not in gap or ";" in _COMMENT.sub("", gap))


class SeparatorFilter:
    """The brackets' part of the layout for Lark's own parser: its post-lexer protocol."""

    always_accept = (SEPARATOR,)

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        """Lark's tokens without separators inside brackets."""
        in_block: list[bool] = []
        previous = ""
        for token in stream:
            if (
                token.type == SEPARATOR
                and in_block
                and not in_block[-1]
                and ";" not in _COMMENT.sub("", token)
            ):
                continue
            if token.type in CLOSING:
                in_block.append(token.type == "LBRACE" and previous != "COLON")
            elif token.type in CLOSING.values() and in_block:
                in_block.pop()
            previous = token.type
            yield token
