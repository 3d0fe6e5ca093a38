"""Values for `param` statements from outside: from Python, or as texts of the command line."""

from __future__ import annotations

from rl2graph.compiler.elaboration.definitions import Definitions
from rl2graph.compiler.elaboration.values import (
    Constant,
    Function,
    MacroFunction,
    ModuleFunction,
    OpFunction,
    Value,
    describe,
)
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source, did_you_mean
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_file


class _WrittenInteger(int):
    """An integer, and the text that stands for it, which is what a string parameter takes."""

    text: str


class _WrittenFloat(float):
    """A float, likewise."""

    text: str


def constant_from(text: str) -> Constant:
    """A value as the language writes it, `64`, `true`, `[64, 64]`, where a number knows its text; a bare word
    is a string or an op, and so is all else, such as `run#3`.
    """
    tree, problems = parse_file(Source("--param", f"value = {text}"))
    if not problems and len(tree.statements) == 1 and isinstance(tree.statements[0], ast.Bind):
        statement = tree.statements[0]
        try:
            if statement.end == len(tree.source.text):  # nothing of it is a comment
                return _literal(statement.value)
        except ValueError:
            pass
    return text


def overridden(
    name: str, default: Value, given: Constant, statement: ast.Param, definitions: Definitions
) -> Value:
    """The given value as the default's type.

    Raises:
        DiagnosticError: RLG303 for another type, RLG202 for the name of no op.
    """
    if isinstance(default, Function):
        if isinstance(given, str):
            function = _function(given, default, definitions)
            if function is not None:
                return function
            message = f"parameter `{name}` cannot become `{given}`: no op or preset is called so"
            hint = did_you_mean(given, definitions.names())
            raise DiagnosticError.of("RLG202", message, statement.value.span, hint)
    elif isinstance(default, str) and not isinstance(given, list):
        return given if isinstance(given, str) else _text(given)
    given = _number(given)
    if isinstance(default, float) and type(given) is int:
        return float(given)
    if isinstance(default, list) and isinstance(given, list):
        return _items(name, default, given, statement, definitions)
    if type(given) is type(default):
        return given
    shown = describe(given) if not isinstance(given, list) else "a list"
    found = Diagnostic(
        "RLG303",
        f"parameter `{name}` cannot become {shown}: its default is {describe(default)}",
        statement.value.span,
    )
    raise DiagnosticError([found])


def plain(value: Value) -> Constant | None:
    """A parameter's value in the form in which it can be given again; None where it has none."""
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return None if any(item is None for item in items) else [item for item in items if item is not None]
    if isinstance(value, OpFunction):
        return value.op.name
    return getattr(getattr(getattr(value, "tree", None), "name", None), "text", None)


def _items(
    name: str, default: list[Value], given: list[Constant], statement: ast.Param, definitions: Definitions
) -> list[Value]:
    """A list's items, each as the type of the default's item at its place; an empty default takes any."""
    if not default:
        return [_number(item) for item in given]  # type: ignore[misc]
    return [
        overridden(name, _model(default, at, item), item, statement, definitions)
        for at, item in enumerate(given)
    ]


def _model(default: list[Value], at: int, item: Constant) -> Value:
    """Whose type an item takes: the default's at its place, or the first beyond them; numbers of a list with
    floats may be floats.
    """
    model = default[at] if at < len(default) else default[0]
    if type(model) is int and isinstance(item, float):
        return next((other for other in default if isinstance(other, float)), model)
    return model


def _function(name: str, default: Function, definitions: Definitions) -> Function | None:
    """The op or preset of that name, or what is called so where the default is defined."""
    known = definitions.function(name)
    if known is None and isinstance(default, MacroFunction | ModuleFunction):
        binding = default.scope.find(name)
        if binding is not None and isinstance(binding.value, Function):
            binding.read = True
            return binding.value
    return known


def _number(value: Constant) -> Constant:
    """The value without its text."""
    if isinstance(value, _WrittenInteger):
        return int(value)
    return float(value) if isinstance(value, _WrittenFloat) else value


def _text(value: Constant) -> str:
    if isinstance(value, _WrittenInteger | _WrittenFloat):
        return value.text
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: int | float, expr: ast.Expr) -> Constant:
    written = _WrittenInteger(value) if isinstance(value, int) else _WrittenFloat(value)
    written.text = expr.span.text
    return written


def _literal(expr: ast.Expr) -> Constant:
    """Raises ValueError where the expression is no constant."""
    match expr:
        case ast.Integer() | ast.Float():
            return _written(expr.value, expr)
        case ast.Boolean() | ast.String():
            return expr.value
        case ast.Negate():
            value = _literal(expr.operand)
            if isinstance(value, _WrittenInteger | _WrittenFloat):
                return _written(-value, expr)
        case ast.ListOf():
            return [_literal(item) for item in expr.items]
        case ast.Name():
            return expr.text
    raise ValueError
