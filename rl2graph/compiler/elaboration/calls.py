"""What a call does: an op becomes a node, a macro is expanded, a module's body runs on its own weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import builtins, heads, statements
from rl2graph.compiler.elaboration.advice import call_line, no_tensor, operand_first
from rl2graph.compiler.elaboration.arguments import match
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context, Expansion
from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.type_errors import type_error
from rl2graph.compiler.elaboration.values import (
    POISON,
    Builtin,
    Function,
    Given,
    MacroFunction,
    ModuleFunction,
    OpFunction,
    Tensor,
    Value,
    describe,
)
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import coerce_attribute
from rl2graph.ir.op import Op, Required, TypeProblem
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a string"}


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
    bound = match(function.name, formals, site.positional, site.keywords, site.span, optional=formals[1:])
    if function.name == "head":
        heads.check_meaning(bound, site)
    if any(given.value is POISON for given in bound.values()):
        return POISON
    return builtins.call(elaborator, function.name, bound, site)


def _apply_op(elaborator: Elaborator, op: Op, site: CallSite) -> Value:
    operands, attributes = _match_op(op, site)
    values = {
        name: _attribute(op, name, given, site)
        for name, given in attributes.items()
        if given.value is not POISON
    }
    if len(values) < len(attributes) or any(given.value is POISON for given in operands):
        _check_values(elaborator, op, operands, attributes, values, site)
        return POISON
    prefix = site.context.namer.prefix
    nodes = _operand_nodes(elaborator, op, operands, site)
    try:
        node = elaborator.builder.add(
            op,
            nodes,
            values,
            span=elaborator.reporter.user_span(site.span, site.context),
            name=f"{prefix}.{op.name}" if prefix else op.name,
            namer=site.context.namer,
            below=None if site.tail else op.name,
        )
    except TypeProblem as problem:
        found = type_error(op, problem, operands, attributes, site, elaborator)
        labels = (*found.labels, *elaborator.builder.why(nodes))
        raise DiagnosticError([replace(found, labels=labels)]) from None
    return Tensor(node)


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


def _match_op(op: Op, site: CallSite) -> tuple[list[Given], dict[str, Given]]:
    """The operands of a call of `op`, in order, and its attributes by name."""
    names = tuple(attribute.name for attribute in op.attributes)
    optional = tuple(a.name for a in op.attributes if not isinstance(a.default, Required))
    if op.variadic:
        operands = _flatten(site.positional)
        bound = match(op.name, names, [], site.keywords, site.span, optional=optional, rest=op.operands[0])
        if not operands:
            hint = f"it is called as `{op.name}(x, y, …)`"
            raise DiagnosticError.of("RLG204", f"`{op.name}` needs at least one tensor", site.span, hint)
    else:
        formals = (*op.operands, *names)
        bound = match(op.name, formals, site.positional, site.keywords, site.span, optional=optional)
        operands = [bound[name] for name in op.operands]
    return operands, {name: bound[name] for name in names if name in bound}


def _flatten(givens: Sequence[Given]) -> list[Given]:
    """Operands of a variadic op; a list counts as its items."""
    flat: list[Given] = []
    for given in givens:
        if isinstance(given.value, list):
            flat += [Given(item, given.span) for item in given.value]
        else:
            flat.append(given)
    return flat


def _operand_nodes(
    elaborator: Elaborator, op: Op, operands: Sequence[Given], site: CallSite
) -> tuple[int, ...]:
    has_tensor = any(isinstance(given.value, Tensor) for given in operands)
    nodes = []
    for given in operands:
        value = given.value
        if isinstance(value, Tensor):
            nodes.append(value.node)
        elif op.constants and has_tensor and type(value) in (int, float):
            assert isinstance(value, int | float)
            nodes.append(elaborator.constant(value, given.span, site.context))
        else:
            raise no_tensor(elaborator.reporter, op.name, given, site)
    return tuple(nodes)


def _attribute(op: Op, name: str, given: Given, site: CallSite) -> object:
    value = given.value
    if isinstance(value, int | float | str):
        return value
    kind = next(_KINDS[attribute.kind] for attribute in op.attributes if attribute.name == name)
    message = f"`{name}` of `{op.name}` is {kind}, not {describe(value)}"
    hint = None
    if isinstance(value, Tensor) and given.keyword is None and site.in_pipeline:
        hint = "`|>` gives the first operand already: leave it out of the call"
    elif isinstance(value, Tensor) and given.keyword is None:
        hint = operand_first(site) or call_line(op.name)
    raise DiagnosticError.of("RLG303", message, given.span, hint)


def _expand(elaborator: Elaborator, function: MacroFunction | ModuleFunction, site: CallSite) -> Value:
    tree = function.tree
    name = tree.name.text
    elaborator.builder.count_expansion(elaborator.reporter.user_span(site.span, site.context))
    context = _body_context(function, site)
    if not _bind_formals(elaborator, tree, context, site):
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


def _body_context(function: MacroFunction | ModuleFunction, site: CallSite) -> Context:
    """A macro's body owns weights below its caller's binding, a module's below the module's own path."""
    namer = site.context.namer
    if isinstance(function, ModuleFunction):
        namer = Namer(function.path, module=function.path, settings=function.settings)
    expansion = Expansion(function.tree.name.text, site.span, site.callee)
    return replace(
        site.context,
        scope=Scope(function.scope, until=function.moment),
        namer=namer,
        role=None,
        top_level=False,
        expansions=(*site.context.expansions, expansion),
    )


def _bind_formals(
    elaborator: Elaborator, tree: ast.Macro | ast.Declare, context: Context, site: CallSite
) -> bool:
    """Bind a definition's parameters to the arguments, or to defaults, which may read earlier parameters.
    False where an argument is poisoned.
    """
    is_module = isinstance(tree, ast.Declare)
    formals = tuple(formal.name.text for formal in tree.formals)
    optional = tuple(formal.name.text for formal in tree.formals if formal.default is not None)
    bound = match(tree.name.text, formals, site.positional, site.keywords, site.span, optional=optional)
    context.expansions[-1].arguments.update((name, given.span) for name, given in bound.items())
    if any(given.value is POISON for given in bound.values()):
        return False
    operand = bound.get("x")
    if tree.source.shipped and operand is not None and isinstance(operand.value, int | float | str | list):
        raise no_tensor(elaborator.reporter, tree.name.text, operand, site)
    for formal in tree.formals:
        given = bound.get(formal.name.text)
        if given is None:
            assert formal.default is not None
            # Weights of a default have a place of their own: not every call makes them.
            own = replace(context, namer=context.namer.inner(formal.name.text)) if is_module else context
            value = elaborator.evaluate(formal.default, own)
        else:
            value = given.value
        elaborator.definitions.declare(context.scope, formal.name, value, "parameter").read = True
    return True
