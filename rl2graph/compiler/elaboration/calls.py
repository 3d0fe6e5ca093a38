"""What a call does: an op becomes a node, a macro is expanded, a module's body runs on its own weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import builtins, heads, op_arguments, statements
from rl2graph.compiler.elaboration.advice import no_tensor
from rl2graph.compiler.elaboration.arguments import match
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context, Expansion
from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.type_errors import type_error
from rl2graph.compiler.elaboration.values import (
    POISON,
    UNRESOLVED,
    Builtin,
    Function,
    Given,
    MacroFunction,
    ModuleFunction,
    OpFunction,
    Tensor,
    Value,
)
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import coerce_attribute
from rl2graph.ir.op import Op, TypeProblem
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


def apply(elaborator: Elaborator, function: Function, site: CallSite) -> Value:
    """The value of calling `function`; a poisoned argument poisons it, once the arguments are matched."""
    match function:
        case OpFunction():
            return _apply_op(elaborator, function.op, site)
        case Builtin():
            return _apply_builtin(elaborator, function, site)
        case MacroFunction() | ModuleFunction():
            return _expand(elaborator, function, site)


def _apply_builtin(elaborator: Elaborator, function: Builtin, site: CallSite) -> Value:
    formals = function.formals
    optional = formals[function.required :]
    bound = match(function.name, formals, site.positional, site.keywords, site.text, optional=optional)
    if function.name == "head":
        heads.check_meaning(bound, site)
    if any(given.value is POISON for given in bound.values()):
        return POISON
    return builtins.call(elaborator, function.name, bound, site)


def _apply_op(elaborator: Elaborator, op: Op, site: CallSite) -> Value:
    operands, attributes = op_arguments.match_op(op, site)
    plain = op_arguments.plain(operands, attributes)
    given = plain or _unusual(elaborator, op, operands, attributes, site)
    if given is None:
        return POISON
    nodes, values = given
    known = op_arguments.fill_from_action(elaborator, op, values, site)
    if not known or (plain is None and _is_unresolved(operands, values)):
        return builtins.unresolved(elaborator, op.name, nodes, site.span, site.context)
    prefix = site.context.namer.prefix
    try:
        node = elaborator.builder.add(
            op,
            nodes,
            values,
            span=elaborator.reporter.user_span(site.text, site.context),
            name=f"{prefix}.{op.name}" if prefix else op.name,
            namer=site.context.namer,
            below=None if site.tail else op.name,
        )
    except TypeProblem as problem:
        found = type_error(op, problem, operands, attributes, site, elaborator)
        labels = (*found.labels, *elaborator.builder.why(nodes))
        raise DiagnosticError([replace(found, labels=labels)]) from None
    return Tensor(node)


def _unusual(
    elaborator: Elaborator, op: Op, operands: Sequence[Given], attributes: dict[str, Given], site: CallSite
) -> tuple[tuple[int, ...], dict[str, object]] | None:
    """As `op_arguments.plain` of any arguments; None where one is poisoned.

    Raises:
        DiagnosticError: for an argument that is neither tensor, number, string nor list.
    """
    values = {
        name: op_arguments.attribute(op, name, given, site)
        for name, given in attributes.items()
        if given.value is not POISON
    }
    failed = POISON in values.values() or len(values) < len(attributes)
    if failed or any(given.value is POISON for given in operands):
        values = {name: value for name, value in values.items() if value is not POISON}
        _check_values(elaborator, op, operands, attributes, values, site)
        return None
    return op_arguments.operand_nodes(elaborator, op, operands, site), values


def _is_unresolved(operands: Sequence[Given], values: Mapping[str, object]) -> bool:
    return UNRESOLVED in values.values() or any(given.value is UNRESOLVED for given in operands)


def _check_values(
    elaborator: Elaborator,
    op: Op,
    operands: Sequence[Given],
    attributes: dict[str, Given],
    values: dict[str, object],
    site: CallSite,
) -> None:
    """Check the attributes of an application that has no result, because some argument failed.

    Raises:
        DiagnosticError: the first that the op cannot take.
    """
    for attribute in op.attributes:
        if attribute.name in values:
            try:
                coerce_attribute(op, attribute, values)
            except TypeProblem as problem:
                found = type_error(op, problem, operands, attributes, site, elaborator)
                raise DiagnosticError([found]) from None


def _expand(elaborator: Elaborator, function: MacroFunction | ModuleFunction, site: CallSite) -> Value:
    tree = function.tree
    name = tree.name.text
    elaborator.builder.count_expansion(lambda: elaborator.reporter.user_span(site.text, site.context))
    expansion = Expansion(name, site.text, site.callee_text)
    context = _body_context(function, site.context, expansion)
    if not _bind_formals(elaborator, tree, context, site, expansion):
        return POISON
    first = len(elaborator.builder.nodes)
    tail = isinstance(function, ModuleFunction)
    function.expanded = True
    trace = elaborator.builder.trace
    if trace is not None:
        trace.expanded.append(function)
    elaborator.definitions.expanding.append(name)
    try:
        if isinstance(tree.body, ast.Block):
            value = statements.run_block(elaborator, tree.body, context, tail)
        else:
            value = elaborator.evaluate(tree.body, context, tail)
    finally:
        elaborator.definitions.expanding.pop()
    if isinstance(function, ModuleFunction) and isinstance(value, Tensor) and value.node >= first:
        elaborator.builder.call(value.node, function.path)
    return value


def _body_context(function: MacroFunction | ModuleFunction, caller: Context, expansion: Expansion) -> Context:
    """A macro's body owns weights below its caller's binding, a module's below the module's own path."""
    namer = caller.namer
    if isinstance(function, ModuleFunction):
        namer = Namer(function.path, module=function.path, settings=function.settings)
    scope = Scope(function.scope, until=function.moment)
    expansions = (*caller.expansions, expansion)
    return Context(scope, namer, None, expansions, False, caller.counts_reads)


def _bind_formals(
    elaborator: Elaborator,
    tree: ast.Macro | ast.Declare,
    context: Context,
    site: CallSite,
    expansion: Expansion,
) -> bool:
    """Bind a definition's parameters to the arguments, or to defaults, which may read earlier parameters.
    False where an argument is poisoned.
    """
    formals = tuple([formal.name.text for formal in tree.formals])
    optional = tuple([formal.name.text for formal in tree.formals if formal.default is not None])
    bound = match(tree.name.text, formals, site.positional, site.keywords, site.text, optional=optional)
    expansion.arguments = bound
    for given in bound.values():
        if given.value is POISON:
            return False
    operand = bound.get("x") if tree.source.shipped else None
    if operand is not None and isinstance(operand.value, int | float | str | list):
        raise no_tensor(elaborator.reporter, tree.name.text, operand, site)
    for formal in tree.formals:
        argument = bound.get(formal.name.text)
        if argument is None:
            value = _default(elaborator, formal, context, isinstance(tree, ast.Declare))
        else:
            value = argument.value
        elaborator.definitions.declare(context.scope, formal.name, value, "parameter").read = True
    return True


def _default(elaborator: Elaborator, formal: ast.Formal, context: Context, of_module: bool) -> Value:
    """The default of a parameter; its weights have a place of their own, as not every call makes them."""
    assert formal.default is not None
    if of_module:
        context = replace(context, namer=context.namer.inner(formal.name.text))
    return elaborator.evaluate(formal.default, context)
