"""What statements do to a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rl2graph.compiler.diagnose import Context
from rl2graph.compiler.scope import Namer
from rl2graph.compiler.values import POISON, MacroFunction, ModuleFunction, Poison, Tensor, Value, describe
from rl2graph.diagnostics import DiagnosticError, Span
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaborate import Elaborator


@dataclass(slots=True)
class Declared:
    """A value that an `output` statement names."""

    name: str
    role: str | None
    value: Value
    span: Span
    role_at: ast.Identifier | None


@dataclass(slots=True)
class Program:
    """What a file's `output` statements name; `exports` tells whether there is one at all."""

    outputs: list[Declared] = field(default_factory=list)
    exports: bool = False


def run_block(elaborator: Elaborator, block: ast.Block, context: Context, tail: bool) -> Value:
    """The value that a block returns."""
    for statement in block.statements[:-1]:
        if isinstance(statement, ast.Return):
            raise DiagnosticError.of("RLG101", "`return` is the last statement of a block", statement.span)
        run_definition(elaborator, statement, context)
    last = block.statements[-1]
    if not isinstance(last, ast.Return):
        raise DiagnosticError.of(
            "RLG103", "the block ends without `return`", last.span, "end it with `return name`"
        )
    return elaborator.evaluate(last.value, context, tail)


def run_definition(
    elaborator: Elaborator, statement: ast.Statement, context: Context, role: str | None = None
) -> None:
    """A statement that may stand anywhere: a binding, a module or a macro.

    `role` is that of a binding whose name does not tell it.
    """
    try:
        match statement:
            case ast.Bind():
                _bind(elaborator, statement, context, role)
            case ast.Declare():
                _module(elaborator, statement, context)
            case ast.Macro():
                if is_free(elaborator, statement.name, context, "definition"):
                    value = MacroFunction(statement, context.scope, elaborator.definitions.moment())
                    elaborator.definitions.bind(context.scope, statement.name, value, "definition")
            case ast.Annotated():
                _refuse_annotation(elaborator, statement, context)
                run_definition(elaborator, statement.statement, context)
            case ast.Ensemble():
                elaborator.definitions.declare(context.scope, statement.name, POISON)
                raise not_yet("`ensemble`", statement, "ensemble")
            case ast.Return():
                raise DiagnosticError.of("RLG101", "`return` stands at the end of a block", statement.span)
            case _:
                word = statement.span.text.split(None, 1)[0]
                raise DiagnosticError.of(
                    "RLG101", f"`{word}` stands at the top level of a file", statement.span
                )
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)


def _bind(elaborator: Elaborator, statement: ast.Bind, context: Context, role: str | None) -> None:
    name = statement.name.text
    free = is_free(elaborator, statement.name, context)
    top_level = not context.namer.prefix
    if top_level:
        # A name that is not free still has its value checked, under a path that no name can take.
        namer = Namer(name if free else f"{name}#{statement.start}")
    else:
        namer = context.namer.inner(name)
    if role is None:
        role = name if top_level else context.role
    first = len(elaborator.builder.nodes)
    value = elaborator.evaluate(statement.value, replace(context, namer=namer, role=role), tail=True)
    if not free:
        return
    binding = elaborator.definitions.bind(context.scope, statement.name, POISON)
    if statement.shared:
        raise not_yet("`shared`", statement, "shared")
    if not isinstance(value, Tensor | Poison):
        raise DiagnosticError.of(
            "RLG305",
            f"`{name}` would be {describe(value)}; a binding holds a tensor",
            statement.value.span,
            f"write `param {name} = …`" if isinstance(value, int | float | str) else None,
        )
    binding.value = value
    if isinstance(value, Tensor) and value.node >= first:
        elaborator.builder.call(value.node, namer.prefix)


def is_free(elaborator: Elaborator, name: ast.Identifier, context: Context, what: str = "binding") -> bool:
    """Whether `name` can be bound; reports why not, and poisons a name that would else be unknown."""
    try:
        elaborator.definitions.require_free(context.scope, name, what)
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)
        if context.scope.find(name.text) is None and elaborator.definitions.function(name.text) is None:
            elaborator.definitions.bind(context.scope, name, POISON).read = True
        return False
    return True


def _module(elaborator: Elaborator, statement: ast.Declare, context: Context) -> None:
    name = statement.name.text
    path = context.namer.child(name) if context.namer.prefix else name
    if not is_free(elaborator, statement.name, context, "module"):
        return
    value = ModuleFunction(statement, context.scope, elaborator.definitions.moment(), path)
    elaborator.definitions.bind(context.scope, statement.name, value, "module")
    if statement.shared:
        raise not_yet("`shared`", statement, "shared")


def _refuse_annotation(elaborator: Elaborator, statement: ast.Annotated, context: Context) -> None:
    annotation = statement.annotation
    error = not_yet(f"`@{annotation.name.text}`", annotation, annotation.span.text)
    elaborator.reporter.report_all(error, context)


def not_yet(what: str, statement: ast.Syntax, word: str) -> DiagnosticError:
    """The refusal of a part of the language that is parsed but not compiled."""
    span = Span(statement.source, statement.start, statement.start + len(word))
    return DiagnosticError.of("RLG106", f"this release does not compile {what} yet", span)
