"""Pipelines and the loops in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import builtins
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.scope import Scope
from rl2graph.compiler.elaboration.values import POISON, UNRESOLVED, Given, Tensor, Value, describe
from rl2graph.diagnostics import DiagnosticError
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


def pipe(elaborator: Elaborator, expr: ast.Pipe, context: Context, tail: bool) -> Value:
    """The value of `x |> stage |> stage`; `tail` where it is the very value of its binding."""
    value = elaborator.evaluate(expr.first, context)
    end = expr.stages[-1] if tail else None
    for stage in expr.stages:
        value = _stage(elaborator, stage, Given(value, expr.first), context, stage is end)
    return value


def _stage(elaborator: Elaborator, stage: ast.Expr, operand: Given, context: Context, tail: bool) -> Value:
    """The value of one stage, its first operand given; where it fails, those after it are still checked."""
    try:
        match stage:
            case ast.Call():
                return elaborator.call(stage, context, tail, operand)
            case ast.Name() | ast.Attribute():
                function = elaborator.function(stage, context)
                if function is None:
                    return POISON
                return elaborator.apply(function, CallSite([operand], [], stage, stage, context, tail))
            case ast.Loop():
                return _loop(elaborator, stage, operand, context)
            case _:
                raise DiagnosticError.of(
                    "RLG305", "a stage of a pipeline is an op, a definition or a loop", stage.span
                )
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)
        return POISON


def _loop(elaborator: Elaborator, loop: ast.Loop, operand: Given, context: Context) -> Value:
    items = elaborator.evaluate(loop.iterable, context)
    value = operand.value
    if items is POISON or items is UNRESOLVED:
        _loop_once(elaborator, loop, context)
        if items is POISON:
            return POISON
        if not isinstance(value, Tensor):
            return POISON
        return builtins.unresolved(elaborator, "for", [value.node], loop.span, context)
    if not isinstance(items, list):
        message = f"a loop runs over a list, not {describe(items)}"
        hint = None
        if isinstance(items, int):
            hint = f"a list of one is written `[{items}]`, one that counts `range({items})`"
        raise DiagnosticError.of("RLG305", message, loop.iterable.span, hint)
    if not items:
        _loop_once(elaborator, loop, context)
    if context.expansions:
        context.expansions[-1].follow(loop.variable.text, loop.iterable)
    elaborator.definitions.require_free(Scope(context.scope), loop.variable, "loop variable")
    for item in items:
        inner = _iteration(elaborator, loop, item, context)
        for stage in loop.body:
            value = _stage(elaborator, stage, Given(value, operand.text), inner, tail=False)
    return POISON if POISON in items else value


def _iteration(elaborator: Elaborator, loop: ast.Loop, item: Value, context: Context) -> Context:
    scope = Scope(context.scope)
    elaborator.definitions.bind(scope, loop.variable, item, "loop variable").read = True
    return context.inside(scope)


def _loop_once(elaborator: Elaborator, loop: ast.Loop, context: Context) -> None:
    """Check the body of a loop that does not run."""
    elaborator.definitions.require_free(Scope(context.scope), loop.variable, "loop variable")
    inner = _iteration(elaborator, loop, POISON, context)
    for stage in loop.body:
        _stage(elaborator, stage, Given(POISON, loop), inner, tail=False)
