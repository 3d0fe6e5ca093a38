"""What a call does: an op becomes a node, a macro is expanded, a module's body is evaluated on its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rl2graph.compiler import builtins, statements
from rl2graph.compiler.arguments import match
from rl2graph.compiler.diagnose import Context, Expansion
from rl2graph.compiler.scope import Namer, Scope
from rl2graph.compiler.values import (
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
    describe,
)
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Fix, Span
from rl2graph.ir.op import Op, Required, TypeProblem
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaborate import Elaborator

_ARITHMETIC = ("add", "sub", "mul", "div")


def apply(
    elaborator: Elaborator,
    function: Function,
    positional: Sequence[Given],
    keywords: Sequence[Given],
    call: Span,
    callee: Span,
    context: Context,
    tail: bool,
) -> Value:
    """The value of calling `function`; a poisoned argument poisons it, once the arguments are matched."""
    match function:
        case OpFunction():
            return _op(elaborator, function.op, positional, keywords, call, callee, context, tail)
        case Builtin():
            bound = match_arguments(function, positional, keywords, call)
            if any(given.value is POISON for given in bound.values()):
                return POISON
            return builtins.call(elaborator, function.name, bound, call, callee, context, tail)
        case MacroFunction() | ModuleFunction():
            return _expand(elaborator, function, positional, keywords, call, callee, context)


def match_arguments(
    function: Builtin, positional: Sequence[Given], keywords: Sequence[Given], call: Span
) -> dict[str, Given]:
    return match(function.name, function.formals, positional, keywords, call, optional=function.formals[1:])


def unresolved(elaborator: Elaborator, part: str, operand: Given, call: Span, context: Context) -> Value:
    """A node for a part of the graph that only the spaces decide."""
    if not isinstance(operand.value, Tensor):
        return POISON
    return Tensor(elaborator.add("unresolved", (operand.value.node,), {"part": part}, call, context))


def _op(
    elaborator: Elaborator,
    op: Op,
    positional: Sequence[Given],
    keywords: Sequence[Given],
    call: Span,
    callee: Span,
    context: Context,
    tail: bool,
) -> Value:
    names = tuple(attribute.name for attribute in op.attributes)
    optional = tuple(a.name for a in op.attributes if not isinstance(a.default, Required))
    if op.variadic:
        operands = _flatten(positional)
        bound = match(op.name, names, [], keywords, call, optional=optional)
        if not operands:
            raise DiagnosticError.of("RLG204", f"`{op.name}` needs `{op.operands[0]}`", call)
    else:
        bound = match(op.name, (*op.operands, *names), positional, keywords, call, optional=optional)
        operands = [bound[name] for name in op.operands]
    attributes = {name: bound[name] for name in names if name in bound}
    if any(given.value is POISON for given in (*operands, *attributes.values())):
        return POISON
    nodes = _operand_nodes(elaborator, op, operands, context)
    values = {name: _attribute(op, name, given) for name, given in attributes.items()}
    try:
        node = elaborator.builder.add(
            op,
            nodes,
            values,
            span=elaborator.reporter.user_span(call, context),
            name=_name(context, op.name),
            namer=context.namer,
            takes_prefix=tail,
        )
    except TypeProblem as problem:
        raise DiagnosticError(
            [_type_error(elaborator, op, problem, operands, attributes, call, callee, context)]
        ) from None
    return Tensor(node)


def _name(context: Context, op: str) -> str:
    return f"{context.namer.prefix}.{op}" if context.namer.prefix else op


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
    elaborator: Elaborator, op: Op, operands: Sequence[Given], context: Context
) -> tuple[int, ...]:
    has_tensor = any(isinstance(given.value, Tensor) for given in operands)
    nodes = []
    for given in operands:
        value = given.value
        if isinstance(value, Tensor):
            nodes.append(value.node)
        elif op.name in _ARITHMETIC and has_tensor and type(value) in (int, float):
            nodes.append(elaborator.add("constant", (), {"value": float(value)}, given.span, context))  # type: ignore[arg-type]
        else:
            raise DiagnosticError.of(
                "RLG305", f"`{op.name}` takes a tensor here, not {describe(value)}", given.span
            )
    return tuple(nodes)


def _attribute(op: Op, name: str, given: Given) -> object:
    value = given.value
    if isinstance(value, int | float | str):
        return value
    kind = "a list" if isinstance(value, list) else describe(value)
    raise DiagnosticError.of(
        "RLG303", f"`{name}` of `{op.name}` is a compile-time value, not {kind}", given.span
    )


def _type_error(
    elaborator: Elaborator,
    op: Op,
    problem: TypeProblem,
    operands: Sequence[Given],
    attributes: dict[str, Given],
    call: Span,
    callee: Span,
    context: Context,
) -> Diagnostic:
    """The finding about an application, at the argument at fault; a preset on a space that it cannot serve
    gets the fix that chooses by the space."""
    argument = problem.argument
    span = call
    if isinstance(argument, str) and argument in attributes:
        span = attributes[argument].span
    elif isinstance(argument, int) and argument < len(operands):
        span = operands[argument].span
    elif argument in op.operands:
        # In a pipeline the operand stands before the stage: the stage is what cannot take it.
        operand = operands[op.operands.index(argument)].span if isinstance(argument, str) else call
        span = operand if call.start <= operand.start and operand.end <= call.end else call
    preset = elaborator.reporter.outer_preset(call, context)
    if preset is None:
        return Diagnostic(problem.code, problem.message, span, hint=problem.hint)
    fix = None
    hint = problem.hint
    message = problem.message
    if problem.code == "RLG302":
        message = message.replace(f"`{op.name}`", f"`{preset.name}`", 1)
        span = call
        hint = "`encode` chooses the encoder by the space; `mlp` is for vectors, `conv` and `nature` for images"
        if preset.name != "encode" and preset.call.text == f"{preset.name}({preset.call.text[len(preset.name) + 1 : -1]})":
            inside = preset.call.text[len(preset.name) + 1 : -1]
            if inside.isidentifier():
                fix = Fix(f"replace `{preset.name}` by `encode`", preset.callee, "encode")
    del callee
    return Diagnostic(problem.code, message, span, hint=hint, fix=fix)


def _expand(
    elaborator: Elaborator,
    function: MacroFunction | ModuleFunction,
    positional: Sequence[Given],
    keywords: Sequence[Given],
    call: Span,
    callee: Span,
    context: Context,
) -> Value:
    tree = function.tree
    name = tree.name.text
    formals = tuple(formal.name.text for formal in tree.formals)
    optional = tuple(formal.name.text for formal in tree.formals if formal.default is not None)
    bound = match(name, formals, positional, keywords, call, optional=optional)
    scope = Scope(function.scope, until=function.moment)
    expansion = Expansion(name, call, callee)
    if isinstance(function, ModuleFunction):
        namer, tail = Namer(function.path, module=function.path), True
    else:
        namer, tail = context.namer, False
    inner = replace(
        context, scope=scope, namer=namer, role=None, expansions=(*context.expansions, expansion)
    )
    for formal in tree.formals:
        given = bound.get(formal.name.text)
        if given is None:
            assert formal.default is not None
            value = elaborator.evaluate(formal.default, inner)
        else:
            value = given.value
        elaborator.definitions.declare(scope, formal.name, value, "parameter").read = True
    if any(given.value is POISON for given in bound.values()):
        return POISON
    first = len(elaborator.builder.nodes)
    elaborator.definitions.expanding.append(name)
    try:
        if isinstance(tree.body, ast.Block):
            value = statements.run_block(elaborator, tree.body, inner, tail)
        else:
            value = elaborator.evaluate(tree.body, inner, tail)
    finally:
        elaborator.definitions.expanding.pop()
    if isinstance(function, ModuleFunction) and isinstance(value, Tensor) and value.node >= first:
        elaborator.builder.call(value.node, function.path)
    return value


__all__ = ["UNRESOLVED", "apply", "unresolved"]
