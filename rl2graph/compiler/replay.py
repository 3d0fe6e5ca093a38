"""A statement that is not run again: what it asked for is compared, what it did is done with other ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rl2graph.compiler.analysis import Run
from rl2graph.compiler.elaboration.scope import Binding, Scope
from rl2graph.compiler.elaboration.trace import Trace
from rl2graph.compiler.elaboration.values import (
    POISON,
    Fields,
    MacroFunction,
    ModuleFunction,
    Poison,
    Tensor,
    Value,
    holds_tensors,
)
from rl2graph.compiler.files.toplevel import FileRunner
from rl2graph.ir.dims import Dim
from rl2graph.ir.graph import Node
from rl2graph.ir.provenance import Provenance
from rl2graph.lang import ast

_OF_IDENTITY = ("joint", "input")
"""Ops whose making hangs on which node their operand is, not on what it is like."""


@dataclass(slots=True)
class Record:
    """What a statement asked for, as fingerprints, and did, in the node ids of the last time.

    Attributes:
        asked: the fingerprint of what each name of the file was.
        order: those of the names that were bound, in order, where a definition is among them: its body sees
            what was bound before it.
        tensors: the node of each of those names that was a tensor.
        inputs: the node of each input that was read; None where it has no node of its own.
        bound: what the statement binds.
        known: what symbolic dims had become.
    """

    first: int
    nodes: list[Node]
    provenance: list[Provenance]
    reads_action: list[bool]
    asked: dict[str, Any]
    order: list[str]
    tensors: dict[str, int]
    inputs: dict[tuple[str, tuple[str, ...]], int | None]
    bound: Binding
    trace: Trace
    known: Mapping[str, Dim]
    steps: int


def recorded(run: Run, runner: FileRunner, statement: ast.Statement, name: str) -> Record | None:
    """Run a statement that binds `name`; what it did, where that can be done again."""
    builder, scope, elaborator = run.builder, runner.scope, runner.elaborator
    was_lost = name in scope.bindings  # which a statement that reads its own name was told
    known, found, first = builder.unifier.known, run.reporter.reports, len(builder.nodes)
    steps = elaborator.steps
    trace = builder.trace = Trace()
    scope.asked = trace.names
    try:
        runner.statement(statement)
    finally:
        builder.trace = scope.asked = None
    if was_lost or run.reporter.reports > found or trace.makes_inputs or builder.unifier.known is not known:
        return None
    inputs = {key: elaborator.inputs.known(*key) for key in trace.inputs}
    if POISON in inputs.values():
        return None
    nodes = builder.nodes[first:]
    if any(node.op in _OF_IDENTITY or node.evaluation is not None for node in nodes):
        return None
    if isinstance(scope.bindings[name].value, list):
        return None
    outside = {asked: scope.bindings.get(asked) for asked in trace.names if asked != name}
    if any(binding is not None and holds_tensors(binding.value) for binding in outside.values()):
        return None
    return Record(
        first,
        nodes,
        builder.provenance[first:],
        builder.reads_action[first:],
        {asked: _fingerprint(binding, runner) for asked, binding in outside.items()},
        _order(outside, scope),
        {n: b.value.node for n, b in outside.items() if b is not None and isinstance(b.value, Tensor)},
        {key: _node(value) for key, value in inputs.items()},
        scope.bindings[name],
        trace,
        known,
        elaborator.steps - steps,
    )


def replay(run: Run, runner: FileRunner, record: Record) -> bool:
    """Do again what a statement did; False, and nothing done, where it might do something else now."""
    builder, scope = run.builder, runner.scope
    earlier = scope.bindings.get(record.bound.name)
    if earlier is not None:
        return False
    if builder.unifier.known != record.known:
        return False
    poisoned = False
    for name, was in record.asked.items():
        binding = scope.bindings.get(name)
        if _fingerprint(binding, runner) == was:
            continue
        if name not in record.tensors or binding is None or binding.value is not POISON:
            return False
        poisoned = True
    if record.order and record.order != _order(record.asked, scope):
        return False
    if poisoned:
        return _poison(runner, record)
    known = runner.elaborator.inputs.known
    inputs = {key: known(*key) for key in record.inputs} if record.inputs else {}
    if None in inputs.values() or POISON in inputs.values():
        return False
    expansions = len(record.trace.expanded)
    if not (builder.has_room(len(record.nodes), expansions) and builder.claims.again(record.trace.claims)):
        return False
    tensors = {name: scope.bindings[name].value.node for name in record.tensors}  # type: ignore[union-attr]
    nodes = {key: _node(value) for key, value in inputs.items()}
    ids = {record.tensors[name]: node for name, node in tensors.items()}
    for old, new in zip(record.inputs.values(), nodes.values(), strict=True):
        if old is not None and new is not None:
            ids[old] = new
    _renumber(record, ids, len(builder.nodes))
    record.tensors, record.inputs = tensors, nodes
    builder.append(record.nodes, record.provenance, record.reads_action, expansions)
    runner.elaborator.steps += record.steps
    _mark_read(record, scope)
    for function in record.trace.expanded:
        function.expanded = True
    _bind_again(runner, record.bound)
    return True


def _poison(runner: FileRunner, record: Record) -> bool:
    """Bind what a statement binds to poison, for a tensor that it reads has failed: running it would give the
    same and find nothing, as it found nothing before. The record stays, for when the tensor is back.
    """
    bound = record.bound
    if not isinstance(bound.value, Tensor | Poison):
        return False
    made = runner.elaborator.builder.claims.made
    for path, claim in record.trace.claims:
        own = path == bound.name or path.startswith(f"{bound.name}.")
        if not own and not (path in made and made[path].is_again(claim)):
            return False  # it would be the first to claim what others claim after it
    _mark_read(record, runner.scope)
    moment = runner.elaborator.definitions.moment()
    runner.scope.bindings[bound.name] = Binding(bound.name, POISON, bound.span, moment, bound.what)
    return True


def _mark_read(record: Record, scope: Scope) -> None:
    for name in record.asked:
        if name in scope.bindings:
            scope.bindings[name].read = True


def _renumber(record: Record, ids: Mapping[int, int], first: int) -> None:
    """Give a record's nodes the ids from `first` on; `ids` are the new ids of the nodes outside it."""
    old, shift = record.first, first - record.first
    if shift == 0 and all(was == now for was, now in ids.items()):
        return

    def moved(node: int) -> int:
        return node + shift if node >= old else ids[node]

    record.first = first
    record.nodes = [node.over(tuple(map(moved, node.operands))) for node in record.nodes]
    if isinstance(record.bound.value, Tensor):
        record.bound.value = Tensor(moved(record.bound.value.node))


def _bind_again(runner: FileRunner, binding: Binding) -> None:
    definitions = runner.elaborator.definitions
    value = binding.value
    if isinstance(value, MacroFunction | ModuleFunction):
        value.moment = definitions.moment()
        value.expanded = False
    binding.moment = definitions.moment()
    binding.read = False
    runner.scope.bindings[binding.name] = binding


def _order(names: Iterable[str], scope: Scope) -> list[str]:
    """The names that are bound, in order; empty where none of them is a definition."""
    bound = [scope.bindings[name] for name in names if name in scope.bindings]
    if not any(isinstance(binding.value, MacroFunction | ModuleFunction) for binding in bound):
        return []
    return [binding.name for binding in sorted(bound, key=lambda binding: binding.moment)]


def _fingerprint(binding: Binding | None, runner: FileRunner) -> Any:
    """What a statement can tell of a name: equal where it would do the same."""
    if binding is None:
        return None
    return binding.what, _shown(binding.value, runner)


def _shown(value: Value, runner: FileRunner) -> Any:
    match value:
        case Tensor():
            builder = runner.elaborator.builder
            type_ = builder.type_of(value.node)
            # Of a value of which nothing is known, the input that it may be is what counts.
            name = None if type_.ranked else runner.elaborator.inputs.name_of(value)
            return "tensor", type_, builder.reads_action[value.node], name
        case list():
            return "list", tuple(_shown(item, runner) for item in value)
        case bool() | int() | str():
            return type(value), value
        case float():
            return "float", value.hex()
        case Fields():
            return "parts", value.name, value.path
    return value


def _node(value: Value | None) -> int | None:
    return value.node if isinstance(value, Tensor) else None
