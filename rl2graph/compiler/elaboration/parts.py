"""Parts of values: `obs.camera`, `enc.cnn`, `sizes[0]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import foreign
from rl2graph.compiler.elaboration.advice import parts_of
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import (
    POISON,
    Fields,
    Namespace,
    Tensor,
    Value,
)
from rl2graph.diagnostics import DiagnosticError, Span, misspelt
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


def attribute(elaborator: Elaborator, expr: ast.Attribute, context: Context) -> Value:
    """`value.name`."""
    elaborator.refuse_library(expr, context)
    value = elaborator.evaluate(expr.value, context)
    return _part(elaborator, value, expr.name.text, expr.value.span, expr.name.span)


def index(elaborator: Elaborator, expr: ast.Index, context: Context) -> Value:
    """`value["name"]` of what has parts, `list[0]` of a list."""
    value = elaborator.evaluate(expr.value, context)
    key = elaborator.evaluate(expr.key, context)
    if value is POISON or key is POISON:
        return POISON
    if isinstance(value, list):
        return POISON if POISON in value else _item(value, key, expr)
    if not isinstance(key, str):
        raise _no_name(elaborator, value, expr)
    return _part(elaborator, value, key, expr.value.span, inside_quotes(expr.key))


def _no_name(elaborator: Elaborator, value: Value, expr: ast.Index) -> DiagnosticError:
    """The refusal of a key that is no name of a part."""
    if isinstance(value, Tensor) and not elaborator.inputs.is_open(value):
        hint = "`select(x, 0)` takes one item of an axis, `slice(x, 0, 4)` a piece, `split(x, 2)` all pieces"
        return DiagnosticError.of("RLG305", "a tensor cannot be indexed", expr.span, hint)
    hint = f"it has {parts_of(value)}" if isinstance(value, Fields) else 'write it like `obs["left arm"]`'
    return DiagnosticError.of("RLG303", "a part goes by its name, in quotes", expr.key.span, hint)


def inside_quotes(text: ast.Syntax) -> Span:
    """The span of an expression or a name, of a string without its quotes."""
    span = text.span
    return Span(span.source, span.start + 1, span.end - 1) if span.text[:1] == '"' else span


def _item(items: list[Value], key: Value, expr: ast.Index) -> Value:
    if type(key) is not int:
        raise DiagnosticError.of("RLG303", "an item of a list goes by its number, from 0", expr.key.span)
    assert isinstance(key, int)
    if not -len(items) <= key < len(items):
        message = f"`{expr.value.span.text}` has {len(items)} items, so no item {key}"
        raise DiagnosticError.of("RLG304", message, expr.key.span, "items are counted from 0")
    return items[key]


def _part(elaborator: Elaborator, value: Value, name: str, whole: Span, at: Span) -> Value:
    inputs = elaborator.inputs
    if value is POISON:
        return POISON
    if isinstance(value, Fields) or (isinstance(value, Tensor) and inputs.is_open(value)):
        return inputs.part(value, name, at)
    if isinstance(value, Namespace):
        binding = value.scope.bindings.get(name)
        if binding is None:
            known = [b.name for b in value.scope.bindings.values() if b.what != "lost"]
            message = f"`{value.text}` has no definition `{name}`"
            otherwise = f"it has {', '.join(known)}" if known else "it has none"
            raise DiagnosticError([misspelt("RLG208", message, at, name, known, otherwise)])
        binding.read = True
        return binding.value
    hint = None
    if isinstance(value, Tensor):
        hint = foreign.of_tensor(whole, name, list(elaborator.definitions.names()))
    raise DiagnosticError.of("RLG208", f"`{whole.text}` has no fields, so no `{name}`", at, hint)
