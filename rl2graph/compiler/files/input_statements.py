"""`input obs: f32[n]`: declarations of inputs, and the names of dims."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.elaborate import Elaborator
from rl2graph.compiler.elaboration.parts import inside_quotes
from rl2graph.compiler.interface import INPUTS
from rl2graph.compiler.type_names import space_of
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, misspelt, nearest
from rl2graph.ir.dims import symbol
from rl2graph.lang import ast
from rl2graph.spaces import Record, Space, match_spaces


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
    inputs.places[name] = statement.name.span
    if problem is not None:
        inputs.poison(name)
        actual = inputs.interface.space(name)
        raise DiagnosticError([_part_at_fault(statement.type, space, actual, name) or problem])


def _part_at_fault(type_: ast.TypeOf, space: Space, actual: Space | None, path: str) -> Diagnostic | None:
    """The finding about the first part of a declared record that differs from the environment's."""
    if not (isinstance(type_, ast.RecordTypeOf) and isinstance(space, Record) and isinstance(actual, Record)):
        return None
    declared, given = dict(space.fields), dict(actual.fields)
    for name, part in type_.fields:
        shown = f"{path}.{name.text}"
        if name.text not in given:
            missing = [other for other in given if other not in declared]
            message = f"the environment's `{path}` has no part `{name.text}`"
            otherwise = f"it has {', '.join(given)}"
            return misspelt("RLG503", message, inside_quotes(name), name.text, missing, otherwise)
        own, other = declared[name.text], given[name.text]
        if not match_spaces(own, other, {}):
            message = f"`{shown}` is declared as {own}, but the environment's is {other}"
            hint = f"write `{name.text}: {other}`, or leave the declaration out"
            whole = Diagnostic("RLG503", message, part.span, hint=hint)
            return _part_at_fault(part, own, other, shown) or whole
    absent = ", ".join(f"`{name}`" for name in given if name not in declared)
    message = f"`{path}` is declared without the environment's {absent}"
    hint = "declare every part, or leave the declaration out"
    return Diagnostic("RLG503", message, type_.span, hint=hint) if absent else None


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
        labels = (Label(inputs.places[name], "the first time"),) if name in inputs.places else ()
        message = f"`{name}` is {what}"
        raise DiagnosticError([Diagnostic("RLG206", message, statement.name.span, hint=hint, labels=labels)])
    if name not in INPUTS:
        elaborator.definitions.require_free(context.scope, statement.name, "input")
