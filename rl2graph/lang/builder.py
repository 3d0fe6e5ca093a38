"""What the parser's reductions make: syntax tree nodes, each with the characters that it stands for."""

from __future__ import annotations

import re
from bisect import bisect_left

from rl2graph.diagnostics import Source
from rl2graph.lang import ast
from rl2graph.lang.lexer import Tokens

MAX_DIGITS = 18  # of an integer: what fits torch's 64-bit sizes

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class NumberTooLong(Exception):
    """The token `index` is an integer that no shape can hold."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class UnknownEscape(Exception):
    """The string token `index` has a backslash, `offset` characters in, before what it does not escape."""

    def __init__(self, index: int, offset: int) -> None:
        super().__init__(index, offset)
        self.index = index
        self.offset = offset


class EmptyBlock(Exception):
    """The block that the token `index` closes has no statements."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Builder:
    """One method per rule or alias of the grammar.

    Each takes the characters where its reduction starts and ends, then the values of its symbols but
    punctuation: a node, a list, the index of a token, or None where an optional symbol is absent.
    """

    __slots__ = ("hollow", "source", "text", "tokens")

    def __init__(self, source: Source, tokens: Tokens, hollow: bool) -> None:
        self.source = source
        self.tokens = tokens
        self.text = tokens.text
        self.hollow = hollow  # blocks may be empty

    def _identifier(self, token: int) -> ast.Identifier:
        start, end = self.tokens.starts[token], self.tokens.ends[token]
        return ast.Identifier(self.source, start, end, self.text[start:end])

    def _word(self, token: int | None) -> str | None:
        return None if token is None else self.tokens.word(token)

    # Lists

    def first(self, start: int, end: int, item: ast.Syntax) -> list[ast.Syntax]:
        return [item]

    def more(self, start: int, end: int, items: list[ast.Syntax], item: ast.Syntax) -> list[ast.Syntax]:
        items.append(item)
        return items

    def _items(self, start: int, end: int, *items: ast.Syntax) -> list[ast.Syntax]:
        return list(items)

    formals = dims = fields = items = arguments = _items

    # Files and statements

    def start(self, start: int, end: int, *parts: int | list[ast.Statement]) -> _File:
        version: int | None = None
        statements: list[ast.Statement] = []
        for part in parts:
            if isinstance(part, int):
                version = part
            else:
                statements = part
        return version, statements

    def version(self, start: int, end: int, token: int) -> int:
        digits = self.tokens.word(token).split()[1]
        if len(digits) > MAX_DIGITS:
            raise NumberTooLong(token)
        return int(digits)

    def statements(
        self, start: int, end: int, first: ast.Statement | list[ast.Statement], *more: ast.Statement
    ) -> list[ast.Statement]:
        if not isinstance(first, list):
            return [first]
        first += more
        return first

    def annotation(
        self, start: int, end: int, name: int, arguments: list[ast.Argument] | None
    ) -> ast.Annotation:
        return ast.Annotation(self.source, start, end, self._identifier(name), arguments or [])

    def annotated(
        self, start: int, end: int, annotation: ast.Annotation, statement: ast.Statement
    ) -> ast.Annotated:
        return ast.Annotated(self.source, start, end, annotation, statement)

    def bind(
        self, start: int, end: int, shared: int | None, kind: int | None, name: int, value: ast.Expr
    ) -> ast.Bind:
        identifier = self._identifier(name)
        return ast.Bind(self.source, start, end, self._word(kind), identifier, value, shared is not None)

    def declare(
        self,
        start: int,
        end: int,
        shared: int | None,
        kind: int,
        name: int,
        formals: list[ast.Formal] | None,
        body: ast.Expr | ast.Block,
    ) -> ast.Declare:
        return ast.Declare(
            self.source,
            start,
            end,
            self.tokens.word(kind),
            self._identifier(name),
            formals or [],
            body,
            shared is not None,
        )

    def macro(
        self, start: int, end: int, name: int, formals: list[ast.Formal] | None, body: ast.Expr | ast.Block
    ) -> ast.Macro:
        return ast.Macro(self.source, start, end, self._identifier(name), formals or [], body)

    def body(self, start: int, end: int, body: ast.Expr | ast.Block) -> ast.Expr | ast.Block:
        return body

    def block(self, start: int, end: int, statements: list[ast.Statement] | None) -> ast.Block:
        if not statements and not self.hollow:
            raise EmptyBlock(bisect_left(self.tokens.ends, end))
        return ast.Block(self.source, start, end, statements or [])

    def param(self, start: int, end: int, name: int, value: ast.Expr) -> ast.Param:
        return ast.Param(self.source, start, end, self._identifier(name), value)

    def input(self, start: int, end: int, name: int, kind: ast.TypeOf) -> ast.Input:
        return ast.Input(self.source, start, end, self._identifier(name), kind)

    def output(self, start: int, end: int, *items: ast.Exported) -> ast.Output:
        return ast.Output(self.source, start, end, list(items))

    def exported(
        self, start: int, end: int, name: int, role: int | None, value: ast.Expr | None
    ) -> ast.Exported:
        role_identifier = None if role is None else self._identifier(role)
        return ast.Exported(self.source, start, end, self._identifier(name), role_identifier, value)

    def loss(self, start: int, end: int, name: int, value: ast.Expr) -> ast.Loss:
        return ast.Loss(self.source, start, end, self._identifier(name), value)

    def import_(self, start: int, end: int, path: int, name: int) -> ast.Import:
        tokens = self.tokens
        string = self.string(tokens.starts[path], tokens.ends[path], path)
        return ast.Import(self.source, start, end, string, self._identifier(name))

    def ensemble(
        self, start: int, end: int, count: ast.Expr, kind: int | None, name: int, value: ast.Expr
    ) -> ast.Ensemble:
        return ast.Ensemble(self.source, start, end, count, self._word(kind), self._identifier(name), value)

    def agents(self, start: int, end: int, *parts: int | ast.Block) -> ast.Agents:
        *names, body = parts
        assert isinstance(body, ast.Block)
        identifiers = [self._identifier(name) for name in names if isinstance(name, int)]
        return ast.Agents(self.source, start, end, identifiers, body)

    def return_(self, start: int, end: int, value: ast.Expr) -> ast.Return:
        return ast.Return(self.source, start, end, value)

    # Definitions and types

    def formal(self, start: int, end: int, name: int, default: ast.Expr | None) -> ast.Formal:
        return ast.Formal(self.source, start, end, self._identifier(name), default)

    def tensor_type(self, start: int, end: int, name: int, dims: list[ast.Expr] | None) -> ast.TensorTypeOf:
        return ast.TensorTypeOf(self.source, start, end, self._identifier(name), dims or [])

    def record_type(self, start: int, end: int, fields: list[_Field] | None) -> ast.RecordTypeOf:
        return ast.RecordTypeOf(self.source, start, end, fields or [])

    def field(self, start: int, end: int, key: int, kind: ast.TypeOf) -> _Field:
        identifier = self._identifier(key)
        if self.tokens.kinds[key] == "STRING":
            identifier.text = _unescaped(identifier.text, key)
        return identifier, kind

    # Expressions

    def pipe(self, start: int, end: int, first: ast.Expr, stage: ast.Expr) -> ast.Pipe:
        if isinstance(first, ast.Pipe):
            first.stages.append(stage)
            first.start, first.end = start, end
            return first
        return ast.Pipe(self.source, start, end, first, [stage])

    def loop(self, start: int, end: int, variable: int, iterable: ast.Expr, body: ast.Expr) -> ast.Loop:
        stages: list[ast.Expr] = [body.first, *body.stages] if isinstance(body, ast.Pipe) else [body]
        return ast.Loop(self.source, start, end, self._identifier(variable), iterable, stages)

    def binary(self, start: int, end: int, left: ast.Expr, operator: int, right: ast.Expr) -> ast.Binary:
        sign = self.tokens.word(operator)
        if isinstance(left, ast.Binary) and (left.rest[-1][0] in "+-") == (sign in "+-"):
            left.rest.append((sign, right))
            left.start, left.end = start, end
            return left
        return ast.Binary(self.source, start, end, left, [(sign, right)])

    def negate(self, start: int, end: int, operator: int, operand: ast.Expr) -> ast.Negate:
        return ast.Negate(self.source, start, end, operand)

    def attribute(self, start: int, end: int, value: ast.Expr, name: int) -> ast.Attribute:
        return ast.Attribute(self.source, start, end, value, self._identifier(name))

    def index(self, start: int, end: int, value: ast.Expr, key: ast.Expr) -> ast.Index:
        return ast.Index(self.source, start, end, value, key)

    def call(
        self, start: int, end: int, function: ast.Expr, arguments: list[ast.Argument] | None
    ) -> ast.Call:
        return ast.Call(self.source, start, end, function, arguments or [])

    def argument(self, start: int, end: int, value: ast.Expr) -> ast.Argument:
        return ast.Argument(self.source, start, end, None, value)

    def keyword(self, start: int, end: int, name: int, value: ast.Expr) -> ast.Argument:
        return ast.Argument(self.source, start, end, self._identifier(name), value)

    def name(self, start: int, end: int, token: int) -> ast.Name:
        return ast.Name(self.source, start, end, self.text[start:end])

    def integer(self, start: int, end: int, token: int) -> ast.Integer:
        if end - start > MAX_DIGITS:
            raise NumberTooLong(token)
        return ast.Integer(self.source, start, end, int(self.text[start:end]))

    def float_(self, start: int, end: int, token: int) -> ast.Float:
        return ast.Float(self.source, start, end, float(self.text[start:end]))

    def string(self, start: int, end: int, token: int) -> ast.String:
        return ast.String(self.source, start, end, _unescaped(self.text[start:end], token))

    def true(self, start: int, end: int, token: int) -> ast.Boolean:
        return ast.Boolean(self.source, start, end, True)

    def false(self, start: int, end: int, token: int) -> ast.Boolean:
        return ast.Boolean(self.source, start, end, False)

    def group(self, start: int, end: int, value: ast.Expr) -> ast.Expr:
        return value

    def list_(self, start: int, end: int, items: list[ast.Expr] | None) -> ast.ListOf:
        return ast.ListOf(self.source, start, end, items or [])


_File = tuple[int | None, list[ast.Statement]]
_Field = tuple[ast.Identifier, ast.TypeOf]


def _unescaped(string: str, token: int) -> str:
    """What a quoted string, the token of that index, stands for.

    Raises:
        UnknownEscape: a backslash before what it does not escape.
    """
    body = string[1:-1]
    if "\\" not in body:
        return body
    for match in _ESCAPE.finditer(body):
        if match[1] not in _ESCAPES:
            raise UnknownEscape(token, 1 + match.start())
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]], body)
