"""Arithmetic: at compile time on numbers, in the graph on tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.advice import how_to_use
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import POISON, UNRESOLVED, Tensor, Text, Value, describe, span_of
from rl2graph.diagnostics import DiagnosticError, Span
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}


def binary(elaborator: Elaborator, expr: ast.Binary, context: Context) -> Value:
    """`a + b - c`, left to right: numbers are folded, tensors become nodes."""
    left = elaborator.evaluate(expr.first, context)
    before: Text = expr.first
    for sign, operand in expr.rest:
        right = elaborator.evaluate(operand, context)
        span = Span(expr.source, expr.first.start, operand.end)
        left = _apply(elaborator, sign, (left, right), (before, operand), span, context)
        before = span
    return left


def _apply(
    elaborator: Elaborator,
    sign: str,
    values: tuple[Value, Value],
    places: tuple[Text, Text],
    span: Span,
    context: Context,
) -> Value:
    left, right = values
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return Tensor(elaborator.add(_OPERATORS[sign], (left.node, right.node), {}, span, context))
    if left is POISON or right is POISON:
        return POISON
    if left is UNRESOLVED or right is UNRESOLVED:
        tensors = [value.node for value in values if isinstance(value, Tensor)]
        if not tensors:
            return UNRESOLVED
        return Tensor(elaborator.add("unresolved", tuple(tensors), {"part": _OPERATORS[sign]}, span, context))
    for value, place in zip(values, places, strict=True):
        if not isinstance(value, int | float | Tensor) or isinstance(value, bool):
            message = f"`{sign}` takes tensors and numbers, not {describe(value)}"
            raise DiagnosticError.of("RLG305", message, span_of(place), how_to_use(value))
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        nodes = tuple(_operand(elaborator, value, span, context) for value in (left, right))
        return Tensor(elaborator.add(_OPERATORS[sign], nodes, {}, span, context))
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    return fold(sign, left, right, span)


def _operand(elaborator: Elaborator, value: Value, span: Span, context: Context) -> int:
    if isinstance(value, Tensor):
        return value.node
    assert isinstance(value, int | float)
    return elaborator.constant(value, span, context)


def negate(elaborator: Elaborator, expr: ast.Negate, context: Context) -> Value:
    """`-x`, of a number or a tensor."""
    value = elaborator.evaluate(expr.operand, context)
    match value:
        case bool():
            pass
        case int() | float():
            return -value
        case Tensor():
            return Tensor(elaborator.add("neg", (value.node,), {}, expr.span, context))
    if value is POISON or value is UNRESOLVED:
        return value
    message = f"`-` takes tensors and numbers, not {describe(value)}"
    raise DiagnosticError.of("RLG305", message, expr.operand.span, how_to_use(value))


def fold(sign: str, left: float, right: float, span: Span) -> int | float:
    """Compile-time arithmetic: whole numbers stay whole, and a quotient of them must be."""
    match sign:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case _:
            if right == 0:
                raise DiagnosticError.of("RLG306", "division by zero", span)
            if isinstance(left, int) and isinstance(right, int):
                if left % right:
                    message = f"{left} / {right} is no whole number"
                    raise DiagnosticError.of("RLG306", message, span, f"write {left}.0 / {right} for a float")
                return left // right
            result = left / right
    if isinstance(result, int) and abs(result) >= 2**63:
        raise DiagnosticError.of("RLG306", "the result has more than 63 bits", span)
    return result
