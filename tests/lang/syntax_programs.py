"""Random programs of the whole grammar, laid out as no one would: comments, breaks and blanks wherever legal.

They are syntactically valid and mean nothing. `random_program(seed)` is the same program for ever.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.lang.syntax_writer import CLOSING, Writer

NAMES = ["x", "obs", "e", "relu", "dense", "a1", "_b", "rl2", "Conv", "pi"]
WORDS = ["head", "encoder", "for", "in", "def", "param", "loss", "output", "as", "return", "agents"]
LITERALS = ["0", "7", "64", "007", "1.5", ".5", "2.", "1e-4", "3.0E+2", "true", "false"]
STRINGS = ['"pi"', '"left arm"', '""', r'"a\"b # c"', r'"\\"', '"é; ("']
KINDS = ["encoder", "head", "module"]


@dataclass
class Program:
    text: str
    comments: list[str]


def random_program(seed: int, statements: int = 6) -> Program:
    """A program of up to `statements` statements at top level, with the comments in it."""
    writer = Writer(random.Random(seed))
    _Grammar(writer).file(statements)
    return Program("".join(writer.parts), writer.comments)


class _Grammar:
    """One method per rule of the grammar; `depth` is how many brackets may still open."""

    def __init__(self, writer: Writer) -> None:
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
        if self.chance(0.2):
            self.writer.separator()
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
