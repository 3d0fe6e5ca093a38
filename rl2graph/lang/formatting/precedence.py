"""How tightly expressions hold together, and so where an operand needs parentheses."""

from __future__ import annotations

from enum import IntEnum

from rl2graph.lang import ast


class Level(IntEnum):
    """How tightly an expression holds together; an operand below its operator's level needs parentheses."""

    PIPE = 0
    SUM = 1
    PRODUCT = 2
    UNARY = 3
    POSTFIX = 4
    STAGE = 5  # as POSTFIX, but `for` starts a loop


def level_of(node: ast.Expr) -> Level:
    """The level of an expression's outermost operator."""
    match node:
        case ast.Pipe():
            return Level.PIPE
        case ast.Binary():
            return Level.SUM if node.rest[0][0] in "+-" else Level.PRODUCT
        case ast.Negate():
            return Level.UNARY
        case ast.Loop():
            return Level.STAGE
        case _:
            return Level.POSTFIX


def needs_parentheses(node: ast.Expr, level: Level) -> bool:
    """Whether `node` must stand in parentheses where the grammar asks for `level`."""
    if level is Level.STAGE:
        return level_of(node) < Level.POSTFIX or _starts_with_for(node)
    return level_of(node) < level


def _starts_with_for(node: ast.Expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Index | ast.Call):
        node = node.function if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.text == "for"
