"""Expressions, types and arguments as documents, with the comments that stand among them.

The printers walk a tree in the order of its text and take comments as they come to them, so that each is
printed once and in order wherever it stands. A comment finds its place before or behind an item in brackets,
an operand, a stage or a bracket; one that stands elsewhere (`key= # why`) goes to the next such place.
"""

from __future__ import annotations

from itertools import pairwise

from rl2graph.lang import ast
from rl2graph.lang.formatting.bracket_printer import (
    CLOSE,
    DEDENT,
    INDENT,
    LINE,
    OPEN,
    SOFT,
    BracketPrinter,
    Item,
)
from rl2graph.lang.formatting.comments import Place
from rl2graph.lang.formatting.documents import IfBroken, Pieces
from rl2graph.lang.formatting.precedence import Level, level_of, needs_parentheses
from rl2graph.lang.layout import MAX_DEPTH


class ExpressionPrinter(BracketPrinter):
    """Prints the parts of statements."""

    def _parentheses(self, node: ast.Expr, *, needed: bool) -> Pieces:
        """An expression in parentheses; where they are not needed, only if it takes several lines."""
        end = self._scan.closing.get(self._parenthesis(node), node.start)
        bracketed, self._bracketed = self._bracketed, True
        yield OPEN
        yield "(" if needed else IfBroken("(")
        yield self._comments.behind(self._inside(node), Place.AFTER_OPENING)
        yield INDENT
        yield SOFT
        yield self._comments.before(self._inside(node))
        yield self.expression(node, alone=True)
        yield self._comments.behind(end)
        yield self._comments.last(end)
        yield DEDENT
        yield SOFT
        yield ")" if needed else IfBroken(")")
        yield CLOSE
        self._bracketed = bracketed

    # Expressions

    def value(self, node: ast.Expr) -> Pieces:
        """An expression behind `=` or `return`; parentheses around it and a comment are kept."""
        if self._comments.next(self._inside(node)) is not None and self._may_add_parentheses(node):
            return self._parentheses(node, needed=False)
        return self._operand(node, Level.PIPE)

    def expression(self, node: ast.Expr, *, alone: bool = False) -> Pieces:
        """An expression; one that is alone in its brackets is not indented within them."""
        match node:
            case ast.Pipe():
                return self._pipeline(self._lines(node), Level.SUM, alone)
            case ast.Binary():
                return self._binary(node, alone)
            case ast.Negate():
                return self._negate(node)
            case ast.Loop():
                return self._loop(node)
            case _:
                return self._postfix(node)

    def _operand(self, node: ast.Expr, level: Level) -> Pieces:
        """An expression where the grammar asks for `level`."""
        if needs_parentheses(node, level):
            return self._parentheses(node, needed=True)
        if isinstance(node, ast.Binary) and self._may_add_parentheses(node):
            return self._parentheses(node, needed=False)
        return self.expression(node)

    def _may_add_parentheses(self, node: ast.Expr) -> bool:
        """Whether parentheses would make the expression breakable and are not one bracket too many."""
        within_depth = self._scan.depth < MAX_DEPTH or self._parenthesis(node) != node.start
        return within_depth and not self._bracketed

    def _inside(self, node: ast.Expr, level: Level = Level.PIPE) -> int:
        """Where an expression's own comments begin; those before are printed before all of it."""
        while not needs_parentheses(node, level):
            match node:
                case ast.Pipe():
                    node, level = node.first, Level.SUM
                case ast.Binary():
                    node, level = node.first, level_of(node)
                case ast.Negate():
                    node, level = node.operand, Level.UNARY
                case ast.Loop():
                    node, level = node.iterable, Level.SUM
                case ast.Attribute() | ast.Index():
                    node, level = node.value, Level.POSTFIX
                case ast.Call():
                    node, level = node.function, Level.POSTFIX
                case _:
                    return node.start
        return self._parenthesis(node)

    def _parenthesis(self, node: ast.Expr) -> int:
        """Where the author opened the parentheses around an expression; its start, if there are none."""
        return self._scan.opening.get(node.start, node.start)

    def _binary(self, node: ast.Binary, alone: bool) -> Pieces:
        level = level_of(node)
        yield OPEN
        yield self._operand(node.first, level)
        if not alone:
            yield INDENT
        for operator, operand in node.rest:
            tighter = Level(level + 1)
            if self._bracketed:
                yield self._comments.behind(operand.start)
                yield LINE
                yield self._comments.before(self._inside(operand, tighter))
            else:
                yield " "
            yield f"{operator} "
            yield self._operand(operand, tighter)
        if not alone:
            yield DEDENT
        yield CLOSE

    def _negate(self, node: ast.Negate) -> Pieces:
        operand: ast.Expr = node
        while isinstance(operand, ast.Negate):
            yield "-"
            operand = operand.operand
        yield self._operand(operand, Level.UNARY)

    def _postfix(self, node: ast.Expr) -> Pieces:
        links: list[ast.Attribute | ast.Index | ast.Call] = []
        while isinstance(node, ast.Attribute | ast.Index | ast.Call):
            links.append(node)
            node = node.function if isinstance(node, ast.Call) else node.value
        if not links:
            yield self._atom(node)
        elif isinstance(node, ast.Integer) and isinstance(links[-1], ast.Attribute):
            yield f"({node.span.text})"  # `1.x` would be the number `1.` and a name
        else:
            yield self._operand(node, Level.POSTFIX)
        for link in reversed(links):
            match link:
                case ast.Attribute():
                    yield f".{link.name.text}"
                case ast.Index():
                    yield self._items("[", [self._item(link.key)], "]", link.end - 1, comma="")
                case ast.Call():
                    yield self.arguments(link.arguments, link.end - 1)

    def _atom(self, node: ast.Expr) -> Pieces:
        if isinstance(node, ast.ListOf):
            yield self._items("[", [self._item(item) for item in node.items], "]", node.end - 1)
        else:
            yield node.span.text

    # Pipelines

    def _pipeline(self, runs: list[list[ast.Expr]], first: Level, alone: bool) -> Pieces:
        """Stages on one line, or else each run of them on its own; a run that does not fit, one on each."""
        yield OPEN
        yield self._run(runs[0], first)
        if not alone:
            yield INDENT
        for run in runs[1:]:
            yield self._pipe(run[0])
            yield self._run(run, Level.STAGE)
        if not alone and not self._bracketed:
            yield self._comments.behind(self._pipeline_end)
            yield self._comments.last(self._pipeline_end)
        if not alone:
            yield DEDENT
        yield CLOSE

    def _run(self, stages: list[ast.Expr], first: Level) -> Pieces:
        yield OPEN
        yield self._operand(stages[0], first)
        for stage in stages[1:]:
            yield self._pipe(stage)
            yield self._operand(stage, Level.STAGE)
        yield CLOSE

    def _pipe(self, stage: ast.Expr) -> Pieces:
        yield self._comments.behind(stage.start)
        yield LINE
        yield self._comments.before(self._inside(stage, Level.STAGE))
        yield "|> "

    def _lines(self, node: ast.Pipe) -> list[list[ast.Expr]]:
        """The lines of a broken pipeline: one for each part, or the author's, its start always alone."""
        first, *others = self._runs([node.first, *node.stages])
        if not others:
            return [[part] for part in first]
        return [[node.first], *([first[1:]] if first[1:] else []), *others]

    def _runs(self, stages: list[ast.Expr]) -> list[list[ast.Expr]]:
        """Stages by the lines on which the author put them."""
        runs = [[stages[0]]]
        for previous, stage in pairwise(stages):
            if "\n" in self._scan.text[previous.end : stage.start]:
                runs.append([])
            runs[-1].append(stage)
        return runs

    def _loop(self, node: ast.Loop) -> Pieces:
        end = node.end - 1
        first = node.body[0]
        yield OPEN
        yield f"for {node.variable.text} in "
        yield self._operand(node.iterable, Level.SUM)
        yield " {"
        inside = self._inside(first, Level.STAGE)
        yield self._comments.behind(min(first.start, inside), Place.AFTER_OPENING)
        yield INDENT
        yield LINE
        yield self._comments.before(inside)
        yield self._pipeline(self._runs(node.body), Level.STAGE, alone=True)
        yield self._comments.behind(end)
        yield self._comments.last(end)
        yield DEDENT
        yield LINE
        yield "}"
        yield CLOSE

    # Arguments and types

    def _item(self, value: ast.Expr) -> Item:
        return Item(value.start, self._inside(value), self.expression(value))

    def arguments(self, arguments: list[ast.Argument], end: int) -> Pieces:
        """`(x, key=value)`; `end` is the offset of the closing parenthesis."""
        items = [Item(a.start, self._inside(a.value), self._keyword(a.keyword, a.value)) for a in arguments]
        return self._items("(", items, ")", end)

    def formals(self, formals: list[ast.Formal], opening: int) -> Pieces:
        """`(x, n=3)`; `opening` is the offset of the opening parenthesis."""
        items = [
            Item(f.start, f.start, iter([f.name.text]))
            if f.default is None
            else Item(f.start, self._inside(f.default), self._keyword(f.name, f.default))
            for f in formals
        ]
        return self._items("(", items, ")", self._scan.closing[opening])

    def count(self, value: ast.Expr, opening: int) -> Pieces:
        """`[5]`; `opening` is the offset of the opening bracket."""
        return self._items("[", [self._item(value)], "]", self._scan.closing[opening], comma="")

    def _keyword(self, name: ast.Identifier | None, value: ast.Expr) -> Pieces:
        if name is not None:
            yield f"{name.text}="
        yield self.expression(value)

    def type(self, node: ast.TypeOf) -> Pieces:
        """`f32[12]`, `{ camera: image[3, 84, 84] }`."""
        if isinstance(node, ast.RecordTypeOf):
            items = [Item(name.start, type_.start, self._field(name, type_)) for name, type_ in node.fields]
            yield self._items("{", items, "}", node.end - 1)
            return
        yield node.name.text
        if node.dims:
            yield self._items("[", [self._item(dim) for dim in node.dims], "]", node.end - 1)

    def _field(self, name: ast.Identifier, type_: ast.TypeOf) -> Pieces:
        yield f"{name.span.text}: "
        yield self.type(type_)
