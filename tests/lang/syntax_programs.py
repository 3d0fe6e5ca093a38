"""Random programs of the whole grammar, laid out as no one would: comments, breaks and blanks wherever legal.

They are syntactically valid and mean nothing. `random_program(seed)` is the same program for ever.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

NAMES = ["x", "obs", "e", "relu", "dense", "a1", "_b", "rl2", "Conv", "pi"]
WORDS = ["head", "encoder", "for", "in", "def", "param", "loss", "output", "as", "return", "agents"]
LITERALS = ["0", "7", "64", "007", "1.5", ".5", "2.", "1e-4", "3.0E+2", "true", "false"]
STRINGS = ['"pi"', '"left arm"', '""', r'"a\"b # c"', r'"\\"', '"é; ("']
COMMENTS = ["# {}", "#{}", "#  {} ", "## {}", "#! {}", "#{}; a = b", '# {} ) ] "', "#: {} é\t", "#-- {} \r"]
KINDS = ["encoder", "head", "module"]
BLANKS = ["", "", " ", " ", " ", "  ", "\t", " \f", "\r"]
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass
class Program:
    text: str
    comments: list[str]


def random_program(seed: int, statements: int = 6) -> Program:
    """A program of up to `statements` statements at top level, with the comments in it."""
    writer = _Writer(random.Random(seed))
    _Grammar(writer).file(statements)
    return Program("".join(writer.parts), writer.comments)


@dataclass
class _Open:
    is_block: bool
    indent: int


class _Writer:
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


class _Grammar:
    """One method per rule of the grammar; `depth` is how many brackets may still open."""

    def __init__(self, writer: _Writer) -> None:
        self.put = writer.put
        self.writer = writer
        self.rng = writer.rng

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def file(self, statements: int) -> None:
        if self.chance(0.3):
            self.writer.line_ends()
        if self.chance(0.3):
            self.put("rl2 1")
            self.writer.separator()
        self.statements(self.rng.randint(1, statements), 3)
        if self.chance(0.5):
            self.writer.separator()

    def statements(self, count: int, depth: int) -> None:
        for number in range(count):
            if number:
                self.writer.separator()
            self.statement(depth)

    def statement(self, depth: int) -> None:
        rules = [
            self.bind, self.bind, self.bind, self.bind, self.declare, self.macro, self.param, self.input,
            self.output, self.loss, self.import_, self.ensemble, self.agents, self.return_, self.annotated,
        ]  # fmt: skip
        self.rng.choice(rules)(depth)

    # Statements

    def name(self) -> None:
        self.put(self.rng.choice(NAMES))

    def kind(self, probability: float = 0.4) -> None:
        if self.chance(probability):
            self.put(self.rng.choice(KINDS))

    def shared(self) -> None:
        if self.chance(0.15):
            self.put("shared")

    def is_value(self, depth: int) -> None:
        self.name()
        self.put("=")
        self.expr(depth)

    def bind(self, depth: int) -> None:
        self.shared()
        self.kind()
        self.is_value(depth)

    def declare(self, depth: int) -> None:
        self.shared()
        self.kind(1)
        self.definition(depth)

    def macro(self, depth: int) -> None:
        self.put("def")
        self.definition(depth)

    def definition(self, depth: int) -> None:
        self.name()
        self.bracketed("(", self.formal, depth)
        braces = self.chance(0.4) and depth > 0
        if not braces or self.chance(0.3):
            self.put("=")
        if braces:
            self.block(depth - 1)
        else:
            self.expr(depth)

    def block(self, depth: int) -> None:
        self.put("{", is_block=True)
        if self.chance(0.1):
            self.writer.separator()
        self.statements(self.rng.randint(1, 3), depth)
        self.put("}")

    def param(self, depth: int) -> None:
        self.put("param")
        self.is_value(depth)

    def loss(self, depth: int) -> None:
        self.put("loss")
        self.is_value(depth)

    def return_(self, depth: int) -> None:
        self.put("return")
        self.expr(depth)

    def input(self, depth: int) -> None:
        self.put("input")
        self.name()
        self.put(":")
        self.type(depth)

    def output(self, depth: int) -> None:
        self.put("output")
        for number in range(self.rng.randint(1, 3)):
            if number:
                self.put(",")
            self.name()
            if self.chance(0.3):
                self.put(":")
                self.name()
            if self.chance(0.3):
                self.put("=")
                self.expr(depth)

    def import_(self, depth: int) -> None:
        self.put("import")
        self.put(self.rng.choice(STRINGS))
        self.put("as")
        self.name()

    def ensemble(self, depth: int) -> None:
        self.put("ensemble")
        self.put("[")
        self.expr(depth - 1)
        self.put("]")
        self.kind()
        self.is_value(depth)

    def agents(self, depth: int) -> None:
        if depth < 1:
            return self.bind(depth)
        self.put("agents")
        self.name()
        while self.chance(0.3):
            self.put(",")
            self.name()
        return self.block(depth - 1)

    def annotated(self, depth: int) -> None:
        self.put("@")
        self.put(self.rng.choice(["frozen", "lr", "init"]))
        if self.chance(0.5):
            self.bracketed("(", self.argument, depth)
        if self.chance(0.3):
            self.writer.separator()
        self.rng.choice([self.bind, self.declare, self.ensemble, self.annotated])(depth)

    # Lists

    def bracketed(self, opening: str, item, depth: int) -> None:
        self.put(opening)
        count = self.rng.choice([0, 1, 1, 2, 3]) if depth > 0 else 0
        for number in range(count):
            if number:
                self.put(",")
            item(depth - 1)
        if count and self.chance(0.2):
            self.put(",")
        self.put(CLOSING[opening])

    def formal(self, depth: int) -> None:
        self.name()
        if self.chance(0.4):
            self.put("=")
            self.expr(depth)

    def argument(self, depth: int) -> None:
        if self.chance(0.3):
            self.put(self.rng.choice(NAMES + WORDS))
            self.put("=")
        self.expr(depth)

    def type(self, depth: int) -> None:
        if self.chance(0.4):
            self.bracketed("{", self.field, depth)
            return
        self.put(self.rng.choice(["f32", "image", "discrete"]))
        if self.chance(0.8):
            self.bracketed("[", self.expr, min(depth, 2))

    def field(self, depth: int) -> None:
        self.put(self.rng.choice(NAMES + STRINGS))
        self.put(":")
        self.type(depth)

    # Expressions

    def expr(self, depth: int) -> None:
        self.sum(depth)
        for _ in range(self.rng.choice([0, 0, 0, 1, 4]) if depth > 0 else 0):
            self.put("|>")
            self.stage(depth - 1)

    def stage(self, depth: int) -> None:
        if depth < 1 or self.chance(0.8):
            return self.postfix(depth, NAMES)
        self.put("for")
        self.put(self.rng.choice(NAMES + WORDS))
        self.put("in")
        self.sum(depth - 1)
        self.put("{", is_block=True)
        self.stage(depth - 1)
        for _ in range(self.rng.choice([0, 1, 2])):
            self.put("|>")
            self.stage(depth - 1)
        return self.put("}")

    def sum(self, depth: int) -> None:
        self.chain(self.product, "+-", depth)

    def product(self, depth: int) -> None:
        self.chain(self.unary, "*/", depth)

    def chain(self, operand, operators: str, depth: int) -> None:
        operand(depth)
        while self.chance(0.15):
            self.put(self.rng.choice(operators))
            operand(depth)

    def unary(self, depth: int) -> None:
        while self.chance(0.1):
            self.put("-")
        self.postfix(depth, NAMES + WORDS)

    def postfix(self, depth: int, names: list[str]) -> None:
        self.atom(depth, names)
        while self.chance(0.35):
            link = self.rng.randrange(4) if depth > 0 else 0
            if link == 0:
                self.put(".")
                self.put(self.rng.choice(NAMES + WORDS))
            elif link == 1:
                self.put("[")
                self.expr(depth - 1)
                self.put("]")
            else:
                self.bracketed("(", self.argument, depth)

    def atom(self, depth: int, names: list[str]) -> None:
        choice = self.rng.randrange(10)
        if choice < 5 or depth < 1:
            self.put(self.rng.choice(names))
        elif choice < 7:
            self.put(self.rng.choice(LITERALS + STRINGS))
        elif choice < 8:
            self.bracketed("[", self.expr, depth)
        else:
            self.put("(")
            self.expr(depth - 1)
            self.put(")")
