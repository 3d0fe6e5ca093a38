"""Which bindings are outputs, and under which roles."""

from __future__ import annotations

from rl2graph.compiler.elaboration.advice import how_to_use
from rl2graph.compiler.elaboration.scope import Binding
from rl2graph.compiler.elaboration.values import Poison, Tensor, describe
from rl2graph.compiler.files.program import Declared
from rl2graph.compiler.files.toplevel import FileRunner
from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span, nearest
from rl2graph.ir.graph import Output
from rl2graph.ir.roles import ROLES

BESIDE_VALUES = ("state", "statistics")


def collect_outputs(runner: FileRunner, spec: Spec, incomplete: bool) -> tuple[Output, ...]:
    """The outputs in source order: those that are named, else every binding named after a role that no other
    binding reads; then the losses.

    Raises:
        DiagnosticError: RLG206, RLG207, RLG209 or RLG214.
    """
    losses = runner.program.losses
    if runner.program.exports:
        return _named([*runner.program.outputs, *losses])
    bindings = list({binding.name: binding for binding in runner.bindings()}.values())
    found = [b for b in bindings if b.name in ROLES and b.what == "binding" and not b.read]
    if not found and not incomplete:
        raise DiagnosticError([_none(bindings, spec, runner.group)])
    for binding in found:
        binding.read = True
    outputs = [Declared(runner.qualified(b.name), b.name, b.value, b.span, None) for b in found]
    return _named([*outputs, *losses])


def _named(declared: list[Declared]) -> tuple[Output, ...]:
    problems: list[Diagnostic] = []
    outputs: dict[str, Output] = {}
    first: dict[str, Span] = {}
    for item in declared:
        last = item.name.rpartition(".")[2]
        role = item.role or (last if last in ROLES else None)
        if item.name in BESIDE_VALUES:
            message = f"`{item.name}` cannot be an output's name: an entry gives its {item.name} under it"
            problems.append(Diagnostic("RLG207", message, item.span, hint="choose another name"))
        if item.name in outputs:
            labels = (Label(first[item.name], "the first time"),)
            message = f"`{item.name}` is an output twice"
            problems.append(Diagnostic("RLG206", message, item.span, labels=labels))
        first.setdefault(item.name, item.span)
        if isinstance(item.value, Tensor):
            outputs[item.name] = Output(item.name, role, item.value.node)
        elif not isinstance(item.value, Poison):
            what = describe(item.value)
            if what.endswith(f" `{item.name}`"):  # `f` is a module, not the module `f`
                what = what.replace("the", "a", 1).removesuffix(f" `{item.name}`")
            message = f"an output is a tensor, and `{item.name}` is {what}"
            hint = how_to_use(item.value)
            problems.append(Diagnostic("RLG305", message, item.span, hint=hint))
    if problems:
        raise DiagnosticError(problems)
    return tuple(outputs.values())


def _none(bindings: list[Binding], spec: Spec, group: str) -> Diagnostic:
    names = [binding for binding in bindings if binding.what == "binding"]
    hint = f"name a binding after its role ({', '.join(ROLES)}), or write `output name`"
    for binding in names:
        near = nearest(binding.name, ROLES)
        if near and not binding.read:
            hint = f"did you mean `{near}` by `{binding.name}`?"
    last = spec.tree.statements[-1] if spec.tree.statements else None
    span = last.span if last is not None else Span(spec.source, 0, 0)
    message = f"the agents `{group}` have no output" if group else "the spec has no output"
    return Diagnostic("RLG214", message, span, label="nothing after this is one either", hint=hint)
