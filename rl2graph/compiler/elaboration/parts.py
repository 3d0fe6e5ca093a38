"""Parts of values, `obs.camera`, `enc.cnn`, `sizes[0]`, and all of them, `by_parts` and `split`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import foreign
from rl2graph.compiler.elaboration.advice import parts_of
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import (
    POISON,
    Fields,
    Function,
    Given,
    Namespace,
    Tensor,
    Value,
    describe,
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


def by_parts(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`by_parts(x, f)`: `f` of each part of an input, joined to one vector; `f(x)` where it has no parts."""
    each, operand = bound["each"], bound["x"]
    if not isinstance(each.value, Function):
        message = f"`each` of `by_parts` is a function, not {describe(each.value)}"
        raise DiagnosticError.of("RLG303", message, each.span)
    values = [
        elaborator.apply(each.value, replace(site, positional=[Given(leaf, operand.span)], keywords=[]))
        for leaf in _leaves(elaborator, operand.value, operand.span)
    ]
    nodes = tuple(value.node for value in values if isinstance(value, Tensor))
    if len(values) == 1 or len(nodes) < len(values):
        return values[0] if len(values) == 1 else POISON
    return Tensor(elaborator.add("concat", nodes, {"axis": -1}, site.span, site.context))


def _leaves(elaborator: Elaborator, value: Value, at: Span) -> Iterator[Value]:
    """The parts of an input that have no parts themselves, in order; the value itself where it has none."""
    if not isinstance(value, Fields):
        yield value
        return
    for name in value.parts:
        yield from _leaves(elaborator, elaborator.inputs.part(value, name, at), at)


def split(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`split(x, sizes, axis=-1)`: the list of pieces of those sizes, or of so many equal pieces."""
    operand = bound["x"].value
    assert isinstance(operand, Tensor)
    axis = bound["axis"].value if "axis" in bound else -1
    type_ = elaborator.builder.type_of(operand.node)
    if type(axis) is not int:
        message = f"`axis` of `split` is a whole number, not {describe(axis)}"
        raise DiagnosticError.of("RLG303", message, bound["axis"].span)
    assert isinstance(axis, int)
    if type_.ranked and not -len(type_.axes) <= axis < len(type_.axes):
        at = bound["axis"].span if "axis" in bound else bound["x"].span
        raise DiagnosticError.of("RLG304", f"{type_} has no axis {axis}", at)
    length = type_.axes[axis] if type_.ranked else None
    pieces: list[Value] = []
    start = 0
    for size in _sizes(bound["sizes"], length if isinstance(length, int) else None):
        cut = {"start": start, "stop": start + size, "axis": axis}
        pieces.append(Tensor(elaborator.add("slice", (operand.node,), cut, site.span, site.context)))
        start += size
    return pieces


def _sizes(given: Given, length: int | None) -> list[int]:
    """The sizes of the pieces of an axis.

    Raises:
        DiagnosticError: RLG303, RLG301 where they do not add up to its length, RLG508 where it is not known
            and the pieces hang on it.
    """
    value = given.value
    items = value if isinstance(value, list) else [value]
    if not items or any(type(item) is not int or item < 1 for item in items):
        message = f"`sizes` of `split` is a number of pieces or a list of their sizes, not {describe(value)}"
        raise DiagnosticError.of("RLG303", message, given.span)
    sizes = [item for item in items if isinstance(item, int)]
    if isinstance(value, int):
        if length is None:
            hint = "write the sizes as a list, or give the spaces"
            raise DiagnosticError.of("RLG508", "the axis has no known length to divide", given.span, hint)
        if length % value:
            raise DiagnosticError.of("RLG301", f"{length} does not divide into {value} pieces", given.span)
        return [length // value] * value
    if length is not None and sum(sizes) != length:
        message = f"the sizes add up to {sum(sizes)}, but the axis has {length}"
        raise DiagnosticError.of("RLG301", message, given.span)
    return sizes


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
