"""Files, statements and blocks as documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rl2graph.lang import ast
from rl2graph.lang.formatting.bracket_printer import CLOSE, DEDENT, INDENT, LINE, OPEN
from rl2graph.lang.formatting.comments import Place
from rl2graph.lang.formatting.documents import IfBroken, LineComment, Mark, Pieces
from rl2graph.lang.formatting.expression_printer import ExpressionPrinter

_VERSION = re.compile(r"(?:[ \t\r\f\n;]|#[^\n]*)*(rl2[ \t]+[0-9]+)")


class StatementPrinter(ExpressionPrinter):
    """Prints whole files."""

    _first = True  # of its file or block: no blank line precedes it

    def file(self, tree: ast.File) -> Pieces:
        """All of a file, behind an empty line."""
        text = self._scan.text
        if tree.version is not None:
            match = _VERSION.match(text)
            assert match is not None
            yield self._comment_lines(match.start(1))
            yield self._new_line(match.start(1))
            yield f"rl2 {tree.version}"
            yield self._line_comment(match.end(1), _start(tree.statements, len(text)))
        yield self._statements(tree.statements, len(text))

    # Lines of statements and comments

    def _statements(self, statements: Sequence[ast.Statement], end: int) -> Pieces:
        """Statements and the comments before, behind and after them, up to the offset `end`."""
        for number, statement in enumerate(statements, 1):
            following = _start(statements[number:], end)
            yield self._comment_lines(statement.start)
            yield self._new_line(statement.start)
            self._pipeline_end = self._scan.indented_comments(statement.start, statement.end, following)
            yield self.statement(statement)
            yield self._line_comment(statement.end, following)
        yield self._comment_lines(end)

    def _comment_lines(self, limit: int) -> Pieces:
        while comment := self._comments.next(limit):
            yield self._new_line(comment.start)
            yield self._comments.take(comment)

    def _new_line(self, offset: int) -> Pieces:
        """Ends a line before what stands at `offset`, and keeps one blank line of those before it."""
        yield Mark.HARD
        if not self._first and self._scan.blank_line_before(offset):
            yield Mark.HARD
        self._first = False

    def _line_comment(self, end: int, limit: int) -> Pieces:
        """The comment behind a statement that ends at `end`, or one in it that found no place there."""
        comment = self._comments.next(limit)
        if comment is not None and (comment.place is not Place.OWN_LINE or comment.start < end):
            yield LineComment(self._comments.take(comment))

    def _block(self, block: ast.Block) -> Pieces:
        """`{ statement; statement }` where the author wrote it on one line and it fits."""
        end = block.end - 1
        one_line = "\n" not in block.span.text
        yield OPEN
        yield "{"
        yield self._comments.behind(block.statements[0].start, Place.AFTER_OPENING)
        yield INDENT
        if one_line:
            yield self._short_statements(block.statements)
        else:
            self._first = True
            yield self._statements(block.statements, end)
        yield DEDENT
        yield LINE
        yield "}"
        yield CLOSE

    def _short_statements(self, statements: Sequence[ast.Statement]) -> Pieces:
        for number, statement in enumerate(statements):
            if number:
                yield IfBroken("", ";")
            yield LINE
            yield self.statement(statement)

    # Statements

    def statement(self, node: ast.Statement) -> Pieces:
        """One statement, without the comments around it."""
        match node:
            case ast.Annotated():
                return self._annotated(node)
            case ast.Declare() | ast.Macro():
                return self._definition(node)
            case ast.Input():
                return self._input(node)
            case ast.Output():
                return self._output(node)
            case ast.Import():
                return iter([f"import {node.path.span.text} as {node.name.text}"])
            case ast.Ensemble():
                return self._ensemble(node)
            case ast.Agents():
                return self._agents(node)
            case _:
                return self._binding(node)

    def _annotated(self, node: ast.Annotated) -> Pieces:
        yield OPEN
        statement: ast.Statement = node
        while isinstance(statement, ast.Annotated):
            annotation = statement.annotation
            statement = statement.statement
            yield f"@{annotation.name.text}"
            if annotation.arguments:
                yield self.arguments(annotation.arguments, annotation.end - 1)
            yield self._comments.behind(statement.start)
            yield LINE
            yield self._comments.before(statement.start)
        yield self.statement(statement)
        yield CLOSE

    def _binding(self, node: ast.Bind | ast.Param | ast.Loss | ast.Return) -> Pieces:
        match node:
            case ast.Bind():
                yield f"{_words(node.shared, node.kind)}{node.name.text} = "
            case ast.Param():
                yield f"param {node.name.text} = "
            case ast.Loss():
                yield f"loss {node.name.text} = "
            case ast.Return():
                yield "return "
        yield self.value(node.value)

    def _definition(self, node: ast.Declare | ast.Macro) -> Pieces:
        words = "def " if isinstance(node, ast.Macro) else _words(node.shared, node.kind)
        yield f"{words}{node.name.text}"
        yield self.formals(node.formals, self._scan.text.index("(", node.name.end))
        if isinstance(node.body, ast.Block):
            yield " "
            yield self._block(node.body)
        else:
            yield " = "
            yield self.value(node.body)

    def _input(self, node: ast.Input) -> Pieces:
        yield f"input {node.name.text}: "
        yield self.type(node.type)

    def _output(self, node: ast.Output) -> Pieces:
        pipeline_end, self._pipeline_end = self._pipeline_end, 0
        yield "output "
        for number, item in enumerate(node.items, 1):
            yield item.name.text
            yield "" if item.role is None else f": {item.role.text}"
            if number == len(node.items):
                self._pipeline_end = pipeline_end
            if item.value is not None:
                yield " = "
                yield self.value(item.value)
            yield ", " if number < len(node.items) else ""

    def _ensemble(self, node: ast.Ensemble) -> Pieces:
        yield "ensemble"
        yield self.count(node.count, self._scan.text.index("[", node.start))
        yield f" {_words(False, node.kind)}{node.name.text} = "
        yield self.value(node.value)

    def _agents(self, node: ast.Agents) -> Pieces:
        yield f"agents {', '.join(name.text for name in node.names)} "
        yield self._block(node.body)


def _words(shared: bool, kind: str | None) -> str:
    """The words before a name, each with a blank behind it."""
    return ("shared " if shared else "") + (f"{kind} " if kind else "")


def _start(statements: Sequence[ast.Statement], end: int) -> int:
    """Where the first of `statements` starts, or `end` if there is none."""
    return statements[0].start if statements else end
