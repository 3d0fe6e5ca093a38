"""Statements that may stand anywhere: bindings, ensembles, modules, macros, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.annotations import settings_of, unwrap
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.heads import UNKNOWN_ROLE
from rl2graph.compiler.elaboration.scope import Namer
from rl2graph.compiler.elaboration.slips import warn_of_no_weights, warn_of_unread
from rl2graph.compiler.elaboration.values import (
    POISON,
    Fields,
    MacroFunction,
    ModuleFunction,
    Poison,
    Tensor,
    Value,
    describe,
)
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span
from rl2graph.ir.roles import ROLES
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

MAX_MEMBERS = 10_000
_HELD = Tensor | Poison | Fields


def run_block(elaborator: Elaborator, block: ast.Block, context: Context, tail: bool) -> Value:
    """The value that a block returns; poison where it returns none."""
    for name in block.lost:
        if context.scope.find(name) is None:
            identifier = ast.Identifier(block.source, block.start, block.start, name)
            elaborator.definitions.bind(context.scope, identifier, POISON, "lost").read = True
    for statement in block.statements:
        if isinstance(statement, ast.Return):
            if statement is not block.statements[-1]:
                message = "`return` is the last statement of a block"
                error = DiagnosticError.of("RLG101", message, statement.span)
                elaborator.reporter.report_all(error, context)
                continue
            value = elaborator.evaluate(statement.value, context, tail)
            warn_of_unread(elaborator, block, context)
            return value
        run_definition(elaborator, statement, context)
    if not block.broken:
        last = block.statements[-1].span if block.statements else block.span
        raise DiagnosticError.of(
            "RLG103", "the block ends without `return`", last, "end it with `return name`"
        )
    return POISON


def run_definition(
    elaborator: Elaborator, statement: ast.Statement, context: Context, role: str | None = None
) -> None:
    """A statement that may stand anywhere.

    `role` is that of a binding whose name does not tell it.
    """
    annotations, inner = unwrap(statement)
    try:
        match inner:
            case ast.Bind():
                _bind(elaborator, inner, annotations, context, role)
            case ast.Ensemble():
                _ensemble(elaborator, inner, annotations, context)
            case ast.Declare():
                _module(elaborator, inner, annotations, context)
            case ast.Macro():
                _macro(elaborator, inner, annotations, context)
            case ast.Return():
                raise DiagnosticError.of("RLG101", "`return` stands at the end of a block", inner.span)
            case _:
                raise _misplaced(elaborator, inner, context)
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)


def _misplaced(elaborator: Elaborator, statement: ast.Statement, context: Context) -> DiagnosticError:
    """The refusal of a statement that stands at the top level alone; what it binds is poisoned."""
    items = statement.items if isinstance(statement, ast.Output) else [statement]
    for item in items:
        name = getattr(item, "name", None)
        if isinstance(name, ast.Identifier) and context.scope.find(name.text) is None:
            elaborator.definitions.bind(context.scope, name, POISON, "lost").read = True
    word = statement.span.text.split(None, 1)[0]
    span = Span(statement.source, statement.start, statement.start + len(word))
    return DiagnosticError.of("RLG101", f"`{word}` stands at the top level of a file", span)


def _bind(
    elaborator: Elaborator,
    statement: ast.Bind,
    annotations: Sequence[ast.Annotation],
    context: Context,
    role: str | None,
) -> None:
    name = statement.name.text
    free = is_free(elaborator, statement.name, context)
    shared = statement.shared and _may_be_shared(elaborator, statement, context)
    namer = _namer(elaborator, statement.name, annotations, context, free, shared)
    if role is None:
        role = name if context.top_level else context.role
    if not free and role not in ROLES:
        role = UNKNOWN_ROLE
    first, claims = len(elaborator.builder.nodes), len(elaborator.builder.claims.paths)
    inner = Context(context.scope, namer, role, context.expansions, False, context.counts_reads)
    value = elaborator.evaluate(statement.value, inner, tail=True)
    if not free:
        return
    binding = elaborator.definitions.bind(context.scope, statement.name, POISON)
    if not isinstance(value, _HELD) and not _are_tensors(value):
        raise DiagnosticError.of(
            "RLG305",
            f"`{name}` would be {describe(value)}; a binding holds a tensor",
            statement.value.span,
            f"write `param {name} = …`" if isinstance(value, int | float | str | list) else None,
        )
    binding.value = value
    if isinstance(value, Tensor) and value.node >= first:
        elaborator.builder.call(value.node, namer.prefix)
    if value is not POISON:
        warn_of_no_weights(elaborator, annotations, namer.prefix, context, claims)


def _are_tensors(value: Value) -> bool:
    """Whether a value is a list of tensors, as `split` gives it."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Tensor) for item in value)


def _ensemble(
    elaborator: Elaborator,
    statement: ast.Ensemble,
    annotations: Sequence[ast.Annotation],
    context: Context,
) -> None:
    """`ensemble[5] q = …`: the expression once for each member, stacked along a leading axis."""
    name = statement.name.text
    free = is_free(elaborator, statement.name, context)
    namer = _namer(elaborator, statement.name, annotations, context, free)
    role = name if context.top_level else context.role
    if not free and role not in ROLES:
        role = UNKNOWN_ROLE
    nodes: list[int] = []
    claims = len(elaborator.builder.claims.paths)
    count = _members(elaborator, statement.count, context)
    for number in range(count):
        member = namer.inner(f"member_{number}")
        first = len(elaborator.builder.nodes)
        inner = replace(context, namer=member, role=role, top_level=False)
        value = elaborator.evaluate(statement.value, inner, tail=True)
        if not isinstance(value, Tensor):
            if value is not POISON:
                message = f"a member of `{name}` would be {describe(value)}; an ensemble holds tensors"
                error = DiagnosticError.of("RLG305", message, statement.value.span)
                elaborator.reporter.report_all(error, context)
            break
        nodes.append(value.node)
        if value.node >= first:
            elaborator.builder.call(value.node, member.prefix)
    if not free:
        return
    binding = elaborator.definitions.bind(context.scope, statement.name, POISON)
    if not nodes or len(nodes) < count:
        return
    binding.value = Tensor(elaborator.add("stack", tuple(nodes), {"axis": 0}, statement.value.span, context))
    elaborator.builder.call(binding.value.node, namer.prefix)
    warn_of_no_weights(elaborator, annotations, namer.prefix, context, claims)


def _members(elaborator: Elaborator, expr: ast.Expr, context: Context) -> int:
    """How many members an ensemble has; 1 where what says so failed, so that the rest is still checked."""
    count = elaborator.evaluate(expr, context)
    try:
        if count is POISON:
            return 1
        if type(count) is not int:
            message = f"an ensemble has a whole number of members, not {describe(count)}"
            raise DiagnosticError.of("RLG303", message, expr.span)
        assert isinstance(count, int)
        if not 1 <= count <= MAX_MEMBERS:
            message = f"an ensemble has 1 to {MAX_MEMBERS:,} members, not {count}"
            raise DiagnosticError.of("RLG304", message, expr.span)
        return count
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)
        return 1


def _namer(
    elaborator: Elaborator,
    name: ast.Identifier,
    annotations: Sequence[ast.Annotation],
    context: Context,
    free: bool,
    shared: bool = False,
) -> Namer:
    """The namer of a binding's weights."""
    if not free:
        namer = unnamed(elaborator, name)
    elif shared:
        namer = Namer(name.text, module=name.text)
    else:
        namer = context.namer.inner(name.text)
    namer.settings = settings_of(elaborator, annotations, context, namer.prefix)
    return namer


def unnamed(elaborator: Elaborator, name: ast.Identifier) -> Namer:
    """The namer of what is checked though its name is not free: a path that no name can take."""
    return Namer(f"{name.text}#{len(elaborator.builder.nodes)}")


def _may_be_shared(elaborator: Elaborator, statement: ast.Bind | ast.Declare, context: Context) -> bool:
    """Whether `shared` can stand before a statement: at the top level of a file; RLG101 elsewhere."""
    if not context.top_level:
        word = Span(statement.source, statement.start, statement.start + len("shared"))
        message = "`shared` stands at the top level of a file: it is about agents"
        elaborator.reporter.report(Diagnostic("RLG101", message, word), context)
    return context.top_level


def is_free(elaborator: Elaborator, name: ast.Identifier, context: Context, what: str = "binding") -> bool:
    """Whether `name` can be bound; reports why not, and poisons a name that would else be unknown."""
    try:
        elaborator.definitions.require_free(context.scope, name, what)
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)
        if context.scope.find(name.text) is None:
            # An op of that name can still be called; the name alone is what failed.
            kind = "binding" if elaborator.definitions.function(name.text) is None else "lost"
            elaborator.definitions.bind(context.scope, name, POISON, kind).read = True
        return False
    return True


def _module(
    elaborator: Elaborator,
    statement: ast.Declare,
    annotations: Sequence[ast.Annotation],
    context: Context,
) -> None:
    if not is_free(elaborator, statement.name, context, "module"):
        return
    shared = statement.shared and _may_be_shared(elaborator, statement, context)
    namer = _namer(elaborator, statement.name, annotations, context, True, shared)
    moment = elaborator.definitions.moment()
    if not _has_distinct_parameters(elaborator, statement, context):
        elaborator.definitions.bind(context.scope, statement.name, POISON, "module").read = True
        return
    value = ModuleFunction(statement, context.scope, moment, namer.prefix, namer.settings, shared)
    elaborator.definitions.bind(context.scope, statement.name, value, "module")


def _has_distinct_parameters(
    elaborator: Elaborator, statement: ast.Macro | ast.Declare, context: Context
) -> bool:
    """Whether no parameter is there twice; reports the first that is."""
    first: dict[str, ast.Identifier] = {}
    for formal in statement.formals:
        earlier = first.setdefault(formal.name.text, formal.name)
        if earlier is not formal.name:
            message = f"`{statement.name.text}` has two parameters `{formal.name.text}`"
            labels = (Label(earlier.span, "the first"),)
            found = Diagnostic("RLG206", message, formal.name.span, labels=labels, hint="choose another name")
            elaborator.reporter.report(found, context)
            return False
    return True


def _macro(
    elaborator: Elaborator,
    statement: ast.Macro,
    annotations: Sequence[ast.Annotation],
    context: Context,
) -> None:
    if annotations:
        found = Diagnostic(
            "RLG219",
            f"`@{annotations[0].name.text}` cannot stand before a `def`, which owns no weights",
            annotations[0].span,
            hint="put it before the bindings that use the definition, or make it a module",
        )
        elaborator.reporter.report(found, context)
    if not is_free(elaborator, statement.name, context, "definition"):
        return
    if not _has_distinct_parameters(elaborator, statement, context):
        elaborator.definitions.bind(context.scope, statement.name, POISON, "definition").read = True
    else:
        value = MacroFunction(statement, context.scope, elaborator.definitions.moment())
        elaborator.definitions.bind(context.scope, statement.name, value, "definition")
