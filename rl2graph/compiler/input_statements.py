"""`input obs: f32[n]`: declarations of inputs, and the names of dims."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.diagnose import Context
from rl2graph.compiler.elaborate import Elaborator
from rl2graph.compiler.interface import INPUTS
from rl2graph.compiler.type_names import space_of
from rl2graph.diagnostics import DiagnosticError, misspelt, nearest
from rl2graph.ir.dims import symbol
from rl2graph.lang import ast


def declare_input(elaborator: Elaborator, statement: ast.Input, context: Context) -> None:
    """Take the declaration of an input.

    Raises:
        DiagnosticError: RLG206 or RLG207 for the name, RLG212, RLG303 or RLG304 for the type, RLG503 where
            the environment says otherwise.
    """
    name = statement.name.text
    inputs = elaborator.inputs
    try:
        space = space_of(statement.type, lambda dim: _dim(elaborator, dim, context))
        _require_new(elaborator, statement, context)
        problem = inputs.declare(name, space, statement.type.span)
    except DiagnosticError:
        inputs.poison(name)
        raise
    if problem is not None:
        inputs.poison(name)
        raise DiagnosticError([problem])


def _dim(elaborator: Elaborator, expr: ast.Expr, context: Context) -> object:
    """The value of a dim; a name that nothing binds is a dim by that name, unless it looks misspelt."""
    if not isinstance(expr, ast.Name) or context.scope.find(expr.text) is not None:
        return elaborator.evaluate(expr, context)
    parameters = [b.name for b in context.scope.bindings.values() if b.what == "param"]
    if nearest(expr.text, parameters) is not None:
        found = misspelt("RLG201", f"unknown name `{expr.text}`", expr.span, expr.text, parameters)
        note = "a dim that has only a name needs one unlike those of the parameters"
        raise DiagnosticError([replace(found, notes=(note,))])
    if elaborator.definitions.function(expr.text) is not None or expr.text in elaborator.inputs:
        return elaborator.evaluate(expr, context)
    return symbol(expr.text)


def _require_new(elaborator: Elaborator, statement: ast.Input, context: Context) -> None:
    name = statement.name.text
    inputs = elaborator.inputs
    if name in inputs.declared or inputs.is_read(name):
        what = "declared twice" if name in inputs.declared else "read before it is declared"
        hint = "inputs are declared once, before anything reads them"
        raise DiagnosticError.of("RLG206", f"`{name}` is {what}", statement.name.span, hint)
    if name not in INPUTS:
        elaborator.definitions.require_free(context.scope, statement.name, "input")
