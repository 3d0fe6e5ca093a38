"""Which bindings are outputs, and under which roles."""

from __future__ import annotations

from rl2graph.compiler.builtins import unknown_role
from rl2graph.compiler.scope import Scope
from rl2graph.compiler.spec import Spec
from rl2graph.compiler.statements import Declared, Program
from rl2graph.compiler.values import Poison, Tensor, describe
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Span, nearest
from rl2graph.ir.graph import Output
from rl2graph.ir.roles import ROLES


def collect_outputs(program: Program, scope: Scope, spec: Spec, incomplete: bool) -> tuple[Output, ...]:
    """The outputs in source order: those that are named, else every binding named after a role that no other
    binding reads.

    Raises:
        DiagnosticError: RLG206, RLG209 or RLG214.
    """
    if program.exports:
        return _named(program.outputs)
    found = [
        (binding.name, binding.value)
        for binding in scope.bindings.values()
        if binding.name in ROLES and binding.what == "binding" and not binding.read
    ]
    if not found and not incomplete:
        raise DiagnosticError([_none(scope, spec)])
    for name, _ in found:
        scope.bindings[name].read = True
    return tuple(Output(name, name, value.node) for name, value in found if isinstance(value, Tensor))


def _named(declared: list[Declared]) -> tuple[Output, ...]:
    problems: list[Diagnostic] = []
    outputs: dict[str, Output] = {}
    for item in declared:
        role = item.role or (item.name if item.name in ROLES else None)
        if item.role is not None and item.role not in ROLES:
            assert item.role_at is not None
            problems += unknown_role(item.role, item.role_at.span).diagnostics
        if item.name in outputs:
            problems.append(Diagnostic("RLG206", f"`{item.name}` is an output twice", item.span))
        if isinstance(item.value, Tensor):
            outputs[item.name] = Output(item.name, role, item.value.node)
        elif not isinstance(item.value, Poison):
            message = f"an output is a tensor, and `{item.name}` is {describe(item.value)}"
            problems.append(Diagnostic("RLG305", message, item.span))
    if problems:
        raise DiagnosticError(problems)
    return tuple(outputs.values())


def _none(scope: Scope, spec: Spec) -> Diagnostic:
    names = [binding for binding in scope.bindings.values() if binding.what == "binding"]
    hint = f"name a binding after its role ({', '.join(ROLES)}), or write `output name`"
    for binding in names:
        near = nearest(binding.name, ROLES)
        if near and not binding.read:
            hint = f"did you mean `{near}` by `{binding.name}`?"
    last = spec.tree.statements[-1] if spec.tree.statements else None
    span = last.span if last is not None else Span(spec.source, 0, 0)
    return Diagnostic(
        "RLG214", "the spec has no output", span, label="nothing after this is one either", hint=hint
    )
