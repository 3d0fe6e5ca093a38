"""Writes tokens with blanks, line ends and comments wherever the language allows them."""

from __future__ import annotations

import random
from dataclasses import dataclass

COMMENTS = ["# {}", "#{}", "#  {} ", "## {}", "#! {}", "#{}; a = b", '# {} ) ] "', "#: {} é\t", "#-- {} \r"]
BLANKS = ["", "", " ", " ", " ", "  ", "\t", " \f", "\r"]
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass
class _Open:
    is_block: bool
    indent: int


class Writer:
    """Writes tokens with random space between them, by the rules of `rl2graph.lang.layout`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.parts: list[str] = []
        self.comments: list[str] = []
        self.odd = rng.choice([0.0, 0.05, 0.3])  # how often a line breaks where it may
        self._opened: list[_Open] = []
        self._column = 0
        self._line_indent = 0
        self._indent = 0
        self._line_is_new = True
        self._fresh = True
        self._last = ""

    def put(self, token: str, *, is_block: bool = False) -> None:
        """One token; `is_block` where it is a brace that holds statements or stages."""
        self._space(token)
        if self._line_is_new:
            self._line_indent, self._line_is_new = self._column, False
        if self._fresh:
            self._indent, self._fresh = self._line_indent, False
        if token in CLOSING:
            self._opened.append(_Open(is_block, self._indent))
            self._fresh = is_block
        elif token in CLOSING.values():
            self._indent = self._opened.pop().indent
        self._write(token)
        self._last = token

    def separator(self) -> None:
        """What ends a statement."""
        if self.rng.random() < 0.3:
            self._blanks()
            self._write(";")
            if self.rng.random() < 0.6:
                return self._new_statement()
        self._line_end()
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):
            self._blanks()
            self._write(";")
            self._line_end()
        self._indentation(self._least_indent())
        return self._new_statement()

    def line_ends(self) -> None:
        """Comments and blank lines at the start or end of a file."""
        self._line_end()

    def _new_statement(self) -> None:
        self._fresh = True
        self._last = ""

    def _least_indent(self) -> int:
        return self._opened[-1].indent + 1 if self._opened else 0

    def _space(self, token: str) -> None:
        in_brackets = bool(self._opened) and not self._opened[-1].is_block
        behind_brace = self._last == "{"
        closes = token in ("|>", *CLOSING.values())
        if self._last and (in_brackets or behind_brace or closes) and self.rng.random() < self.odd:
            self._line_end()
            self._indentation(0 if closes else self._least_indent())
        elif self._last and (self._last[-1].isalnum() or self._last[-1] in "_.") and (
            token[0].isalnum() or token[0] in "_."
        ):  # fmt: skip
            tight = token == "." and not self._last[0].isdigit() and self.rng.random() < 0.8
            self._write("" if tight else " ")
        else:
            self._blanks()

    def _line_end(self) -> None:
        """The end of this line, perhaps with a comment, and perhaps lines without code."""
        self._blanks()
        if self.rng.random() < 0.3:
            self._comment()
        self._newline()
        for _ in range(self.rng.choice([0, 0, 0, 1, 2, 4])):
            self._blanks()
            if self.rng.random() < 0.5:
                self._comment()
            self._newline()

    def _comment(self) -> None:
        comment = self.rng.choice(COMMENTS).format(len(self.comments))
        if self.rng.random() < 0.05:
            comment = "#"
        self.comments.append(comment)
        self._write(comment)

    def _newline(self) -> None:
        self.parts.append("\n")
        self._column, self._line_is_new = 0, True

    def _indentation(self, least: int) -> None:
        self._write(" " * (least + self.rng.choice([0, 0, 1, 3])))

    def _blanks(self) -> None:
        if not self._line_is_new:
            self._write(self.rng.choice(BLANKS))

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._column += len(text)
