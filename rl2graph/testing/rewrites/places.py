"""Places where an expression can be moved from or to without another number of evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rl2graph.lang import ast
from rl2graph.testing.rewrites.reading import Reading, Statement
from rl2graph.testing.rewrites.trees import children


@dataclass(frozen=True, slots=True)
class Place:
    """An expression that is evaluated once, as a part of a statement at the top level."""

    statement: Statement
    expr: ast.Expr


def evaluated_once(reading: Reading) -> Iterator[Place]:
    """The expressions that statements without annotations evaluate once each: those in loops, ensembles and
    definitions are left out.
    """
    for statement in reading.statements:
        if not statement.annotations:
            for root in _roots(statement.inner):
                waiting: list[ast.Syntax] = [root]
                while waiting:
                    node = waiting.pop()
                    if isinstance(node, ast.Expr):
                        yield Place(statement, node)
                    waiting += reversed(_evaluated(node))


def _evaluated(node: ast.Syntax) -> list[ast.Syntax]:
    """The parts of an expression that are evaluated with it, as often as it is."""
    if not isinstance(node, ast.Pipe):
        return children(node)
    found: list[ast.Syntax] = [node.first]
    for stage in node.stages:
        if isinstance(stage, ast.Loop):
            found.append(stage.iterable)
        elif isinstance(stage, ast.Call):
            found += stage.arguments
    return found


def _roots(statement: ast.Statement) -> list[ast.Expr]:
    match statement:
        case ast.Bind() | ast.Loss():
            return [statement.value]
        case ast.Output():
            return [item.value for item in statement.items if item.value is not None]
    return []


def before(statement: Statement, reading: Reading, text: str) -> tuple[int, int, str]:
    """The edit that puts a statement before another one."""
    start = statement.outer.start
    return start, start, f"{text}\n{_indent(statement, reading)}"


def after(statement: Statement, reading: Reading, text: str) -> tuple[int, int, str]:
    """The edit that puts a statement after another one."""
    end = statement.outer.end
    return end, end, f"\n{_indent(statement, reading)}{text}"


def _indent(statement: Statement, reading: Reading) -> str:
    """The blanks before the line of a statement, or of the first of those that share its lines."""
    for each in reversed(reading.statements[: reading.statements.index(statement) + 1]):
        start = each.outer.start
        line = reading.text[reading.text.rfind("\n", 0, start) + 1 : start]
        if not line.strip():
            return line
    return ""


def is_name(expr: ast.Syntax, known: frozenset[str] | set[str]) -> bool:
    """Whether an expression is one of these names."""
    return isinstance(expr, ast.Name) and expr.text in known
