"""Lark reductions to syntax tree nodes, applied while parsing: no tree of Lark's is ever built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lark import Token

from rl2graph.diagnostics import Source
from rl2graph.lang import ast

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
MAX_DIGITS = 18  # of an integer: what fits torch's 64-bit sizes


class NumberTooLong(Exception):
    """An integer that no shape can hold."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


def position(token: Token) -> tuple[int, int]:
    """Start and end of a token."""
    assert token.start_pos is not None
    assert token.end_pos is not None
    return token.start_pos, token.end_pos


class Builder:
    """One method per rule alias of the grammar. `source` is set before each parse."""

    source: Source = Source("<none>", "")

    def _at(self, children: Sequence[Any]) -> tuple[Source, int, int]:
        """Source, start and end of a reduction, from its first and last child that stands somewhere."""
        first = next(child for child in children if child is not None)
        last = next(child for child in reversed(children) if child is not None)
        start = position(first)[0] if isinstance(first, Token) else first.start
        end = position(last)[1] if isinstance(last, Token) else last.end
        return self.source, start, end

    def _identifier(self, token: Token) -> ast.Identifier:
        return ast.Identifier(self.source, *position(token), str(token))

    # Files and statements

    def start(self, children: list[Any]) -> ast.File:
        version: int | None = None
        statements: list[ast.Statement] = []
        for child in children:
            if isinstance(child, int):
                version = child
            elif child is not None:
                statements = child
        return ast.File(self.source, 0, len(self.source.text), version, statements)

    def version(self, children: list[Token]) -> int:
        if len(children[0]) > MAX_DIGITS:
            raise NumberTooLong(children[0])
        return int(children[0].split()[1])

    def statements(self, children: list[Any]) -> list[ast.Statement]:
        if len(children) == 1:
            return [children[0]]
        children[0].append(children[1])
        return children[0]  # type: ignore[no-any-return]

    def annotation(self, c: list[Any]) -> ast.Annotation:
        _, name, _, arguments, _ = c
        return ast.Annotation(*self._at(c), self._identifier(name), arguments or [])

    def annotated(self, c: list[Any]) -> ast.Annotated:
        return ast.Annotated(*self._at(c), *c)

    def bind(self, c: list[Any]) -> ast.Bind:
        shared, kind, name, _, value = c
        word = None if kind is None else str(kind)
        return ast.Bind(*self._at(c), word, self._identifier(name), value, shared is not None)

    def declare(self, c: list[Any]) -> ast.Declare:
        shared, kind, name, _, formals, _, body = c
        return ast.Declare(
            *self._at(c), str(kind), self._identifier(name), formals or [], body, shared is not None
        )

    def macro(self, c: list[Any]) -> ast.Macro:
        _, name, _, formals, _, body = c
        return ast.Macro(*self._at(c), self._identifier(name), formals or [], body)

    def body(self, c: list[Any]) -> ast.Expr | ast.Block:
        return c[-1]  # type: ignore[no-any-return]

    def block(self, c: list[Any]) -> ast.Block:
        return ast.Block(*self._at(c), c[1])

    def param(self, c: list[Any]) -> ast.Param:
        return ast.Param(*self._at(c), self._identifier(c[1]), c[3])

    def input(self, c: list[Any]) -> ast.Input:
        return ast.Input(*self._at(c), self._identifier(c[1]), c[3])

    def output(self, c: list[Any]) -> ast.Output:
        return ast.Output(*self._at(c), [item for item in c[1:] if isinstance(item, ast.Exported)])

    def exported(self, c: list[Any]) -> ast.Exported:
        name, _, role, _, value = c
        return ast.Exported(
            *self._at(c), self._identifier(name), None if role is None else self._identifier(role), value
        )

    def loss(self, c: list[Any]) -> ast.Loss:
        return ast.Loss(*self._at(c), self._identifier(c[1]), c[3])

    def import_(self, c: list[Any]) -> ast.Import:
        return ast.Import(*self._at(c), self.string([c[1]]), self._identifier(c[3]))

    def ensemble(self, c: list[Any]) -> ast.Ensemble:
        _, _, count, _, kind, name, _, value = c
        return ast.Ensemble(
            *self._at(c), count, None if kind is None else str(kind), self._identifier(name), value
        )

    def agents(self, c: list[Any]) -> ast.Agents:
        names = [self._identifier(child) for child in c[1:-1] if child.type == "NAME"]
        return ast.Agents(*self._at(c), names, c[-1])

    def return_(self, c: list[Any]) -> ast.Return:
        return ast.Return(*self._at(c), c[1])

    # Definitions and types

    def formal(self, c: list[Any]) -> ast.Formal:
        return ast.Formal(*self._at(c), self._identifier(c[0]), c[2])

    def _without_commas(self, c: list[Any]) -> list[Any]:
        return [child for child in c if not isinstance(child, Token)]

    formals = dims = fields = items = arguments = _without_commas

    def tensor_type(self, c: list[Any]) -> ast.TensorTypeOf:
        return ast.TensorTypeOf(*self._at(c), self._identifier(c[0]), c[2] or [])

    def record_type(self, c: list[Any]) -> ast.RecordTypeOf:
        return ast.RecordTypeOf(*self._at(c), c[1] or [])

    def field(self, c: list[Any]) -> tuple[ast.Identifier, ast.TypeOf]:
        key, _, kind = c
        identifier = self._identifier(key)
        if key.type == "STRING":
            identifier.text = self.string([key]).value
        return identifier, kind

    # Expressions

    def pipe(self, c: list[Any]) -> ast.Pipe:
        first, _, stage = c
        if isinstance(first, ast.Pipe):
            first.stages.append(stage)
            first.end = stage.end
            return first
        return ast.Pipe(*self._at(c), first, [stage])

    def loop(self, c: list[Any]) -> ast.Loop:
        _, variable, _, iterable, _, body, _ = c
        stages = [body.first, *body.stages] if isinstance(body, ast.Pipe) else [body]
        return ast.Loop(*self._at(c), self._identifier(variable), iterable, stages)

    def binary(self, c: list[Any]) -> ast.Binary:
        left, operator, right = c
        same_level = (("+", "-"), ("*", "/"))
        if isinstance(left, ast.Binary) and any(
            left.rest[-1][0] in level and operator in level for level in same_level
        ):
            left.rest.append((str(operator), right))
            left.end = right.end
            return left
        return ast.Binary(*self._at(c), left, [(str(operator), right)])

    def negate(self, c: list[Any]) -> ast.Negate:
        return ast.Negate(*self._at(c), c[1])

    def attribute(self, c: list[Any]) -> ast.Attribute:
        return ast.Attribute(*self._at(c), c[0], self._identifier(c[2]))

    def index(self, c: list[Any]) -> ast.Index:
        return ast.Index(*self._at(c), c[0], c[2])

    def call(self, c: list[Any]) -> ast.Call:
        return ast.Call(*self._at(c), c[0], c[2] or [])

    def argument(self, c: list[Any]) -> ast.Argument:
        return ast.Argument(*self._at(c), None, c[0])

    def keyword(self, c: list[Any]) -> ast.Argument:
        return ast.Argument(*self._at(c), self._identifier(c[0]), c[2])

    def name(self, c: list[Token]) -> ast.Name:
        return ast.Name(*self._at(c), str(c[0]))

    def integer(self, c: list[Token]) -> ast.Integer:
        if len(c[0]) > MAX_DIGITS:
            raise NumberTooLong(c[0])
        return ast.Integer(*self._at(c), int(c[0]))

    def float_(self, c: list[Token]) -> ast.Float:
        return ast.Float(*self._at(c), float(c[0]))

    def string(self, c: list[Token]) -> ast.String:
        text = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), c[0][1:-1])
        return ast.String(*self._at(c), text)

    def true(self, c: list[Token]) -> ast.Boolean:
        return ast.Boolean(*self._at(c), True)

    def false(self, c: list[Token]) -> ast.Boolean:
        return ast.Boolean(*self._at(c), False)

    def group(self, c: list[Any]) -> ast.Expr:
        return c[1]  # type: ignore[no-any-return]

    def list_(self, c: list[Any]) -> ast.ListOf:
        return ast.ListOf(*self._at(c), c[1] or [])
