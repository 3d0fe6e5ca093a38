"""Walks over syntax trees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from rl2graph.lang import ast

Tree = TypeVar("Tree", bound=ast.Syntax)
_PLACES = ("source", "start", "end")


def walk(tree: ast.Syntax) -> Iterator[ast.Syntax]:
    """The tree and everything in it, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def of_type(tree: ast.Syntax, kind: type[Tree]) -> Iterator[Tree]:
    """The nodes of a kind in the tree."""
    return (node for node in walk(tree) if isinstance(node, kind))


def children(node: ast.Syntax) -> list[ast.Syntax]:
    """The parts of a node, in the order of the text."""
    found: list[ast.Syntax] = []
    for name in _fields(type(node)):  # type: ignore[arg-type]
        value = getattr(node, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, tuple):  # an operator or a field's name, and what belongs to it
                found += [part for part in item if isinstance(part, ast.Syntax)]
            elif isinstance(item, ast.Syntax):
                found.append(item)
    return found


@cache
def _fields(kind: type[ast.Syntax]) -> tuple[str, ...]:
    return tuple(name for name in kind.__dataclass_fields__ if name not in _PLACES)


def names(tree: ast.Syntax) -> set[str]:
    """The names that are read anywhere in the tree."""
    return {name.text for name in of_type(tree, ast.Name)}


def copied(expr: ast.Expr) -> str:
    """The text of an expression, so that it can stand anywhere that an expression can."""
    text = expr.span.text
    plain = isinstance(expr, ast.Name | ast.Integer | ast.Float | ast.Boolean | ast.String | ast.ListOf)
    plain |= isinstance(expr, ast.Call | ast.Attribute | ast.Index) and "\n" not in text
    return text if plain else f"({text})"
