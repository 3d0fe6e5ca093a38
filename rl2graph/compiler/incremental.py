"""Checking a spec again after each edit, at the cost of what the edit changed.

A text is cut into statements; a statement whose text did not change is not parsed again. It is not elaborated
again either where everything that it asked for (names of the file, inputs) is what it was the last time: what
it did then (nodes, owners, the name that it binds) is done again, with other node ids. A statement with
findings, and whatever is no binding or definition, is always run. So the result is that of `analyse` on the
whole text; a test holds the two equal over random edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rl2graph.compiler.analysis import Analysis, Run, analyse
from rl2graph.compiler.annotations import unwrap
from rl2graph.compiler.check import held_against
from rl2graph.compiler.diagnose import LimitReached
from rl2graph.compiler.elaborate import deep_recursion
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.compiler.presets import presets
from rl2graph.compiler.scope import Binding, Scope
from rl2graph.compiler.spec import Spec, parse
from rl2graph.compiler.toplevel import FileRunner
from rl2graph.compiler.trace import Trace
from rl2graph.compiler.values import Constant, Fields, MacroFunction, ModuleFunction, Tensor, Value
from rl2graph.contracts import contract_of
from rl2graph.diagnostics import Diagnostic, Source
from rl2graph.diagnostics.source import Part
from rl2graph.ir.dims import Dim
from rl2graph.ir.graph import Node
from rl2graph.ir.provenance import Provenance
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_statement
from rl2graph.lang.statements import cut

_REPLAYED = ast.Bind | ast.Declare | ast.Macro | ast.Ensemble
_OF_IDENTITY = ("joint", "input")
"""Ops whose making hangs on which node their operand is, not on what it is like."""


class Checker:
    """Checks one spec again and again, as an editor does while it is written.

    Args:
        interface: the spaces to check for.
        algorithm: one whose contract the spec is held against; None for none.
        params: values for the spec's `param` statements.
        name: what diagnostics call the spec.
        folder: where its imports are looked up.

    Raises:
        DiagnosticError: RLG506 for an algorithm that does not exist.
    """

    def __init__(
        self,
        interface: Interface = Interface(),  # noqa: B008 (frozen)
        *,
        algorithm: str | None = None,
        params: Mapping[str, Constant] | None = None,
        name: str = "<text>",
        folder: Path | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        self._interface = interface
        self._contract = None if algorithm is None else contract_of(algorithm)
        self._params = dict(params or {})
        self._name = name
        self._folder = folder
        self._limits = limits
        self._scope = Scope(presets())
        self._pieces: list[_Piece] = []
        self._inputs: list[str] = []

    def check(self, text: str) -> Analysis:
        """What `rl2graph.compiler.check.check` says of the text, equal in all but the time that it takes."""
        file = Source(self._name, text)
        pieces = self._read(file)
        spec = _spec(file, pieces, self._folder, self._limits)
        if spec is None or any(isinstance(each, ast.Agents) for each in spec.tree.statements):
            spec = parse(text, self._name, folder=self._folder, limits=self._limits)
            self._forget()
            return held_against(analyse(spec, self._interface, self._params), self._contract)
        inputs = [piece.text for piece in pieces if isinstance(piece.statement, ast.Input)]
        if inputs != self._inputs:
            self._forget()
        self._inputs = inputs
        self._pieces = pieces
        analysis = held_against(self._analysis(spec, pieces), self._contract)
        found = tuple(diagnostic.in_whole for diagnostic in analysis.diagnostics)
        return replace(analysis, diagnostics=found)

    def _forget(self) -> None:
        for piece in self._pieces:
            piece.record = None

    def _read(self, file: Source) -> list[_Piece]:
        """The statements of a text; those that stand at its start and end as before are the old ones."""
        places = list(cut(file.text))
        texts = [file.text[start:end] for start, end in places]
        old = self._pieces
        most = min(len(old), len(texts))
        head = 0
        while head < most and old[head].stands_for(texts[head], head):
            head += 1
        tail, last = 0, len(texts) - 1
        while tail < most - head and old[-1 - tail].stands_for(texts[last - tail], last - tail):
            tail += 1
        middle = range(head, len(texts) - tail)
        pieces = old[:head] + [_Piece.of(texts[i], file, places[i][0], i == 0) for i in middle]
        pieces += old[len(old) - tail :]
        for piece, (start, _) in zip(pieces, places, strict=True):
            piece.source.move(file, start)
        return pieces

    def _analysis(self, spec: Spec, pieces: Sequence[_Piece]) -> Analysis:
        self._scope.bindings.clear()  # the scope itself stays: functions that are replayed hold on to it
        run = Run(spec, self._interface, self._params, self._scope)
        (runner,) = run.runners
        with deep_recursion(self._limits):
            try:
                runner.begin(spec)
                for piece in pieces:
                    _run_or_replay(run, runner, piece)
            except LimitReached as limit:
                run.reporter.report(limit.diagnostic)
                run.limit_reached = True
            return run.finish()


@dataclass(slots=True)
class _Piece:
    """One statement of a text, and what running it did."""

    text: str
    source: Part
    statements: list[ast.Statement]
    problems: list[Diagnostic]
    lost: list[str]
    first: bool
    record: _Record | None = None

    @classmethod
    def of(cls, text: str, file: Source, start: int, first: bool) -> _Piece:
        source = Part(text, file, start)
        statements, problems, lost = parse_statement(source, first)
        return cls(text, source, statements, problems, lost, first)

    def stands_for(self, text: str, index: int) -> bool:
        """Whether it is what a statement of that text at that place would be read as."""
        return self.text == text and self.first == (index == 0)

    @property
    def statement(self) -> ast.Statement | None:
        return self.statements[0] if len(self.statements) == 1 else None


@dataclass(slots=True)
class _Record:
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


def _run_or_replay(run: Run, runner: FileRunner, piece: _Piece) -> None:
    if piece.record is not None and _replay(run, runner, piece.record):
        return
    piece.record = None
    name = None if piece.problems or piece.statement is None else _bound_name(piece.statement)
    if name is None:
        for statement in piece.statements:
            runner.statement(statement)
    else:
        assert piece.statement is not None
        piece.record = _recorded(run, runner, piece.statement, name)


def _bound_name(statement: ast.Statement) -> str | None:
    """What a binding or definition binds; None for any other statement."""
    _, inner = unwrap(statement)
    return inner.name.text if isinstance(inner, _REPLAYED) else None


def _recorded(run: Run, runner: FileRunner, statement: ast.Statement, name: str) -> _Record | None:
    """Run a statement that binds `name`; what it did, where that can be done again."""
    builder, scope, elaborator = run.builder, runner.scope, runner.elaborator
    known, found, first = builder.unifier.known, run.reporter.reports, len(builder.nodes)
    steps = elaborator.steps
    trace = builder.trace = Trace()
    scope.asked = trace.names
    try:
        runner.statement(statement)
    finally:
        builder.trace = scope.asked = None
    if run.reporter.reports > found or trace.makes_inputs or builder.unifier.known is not known:
        return None
    nodes = builder.nodes[first:]
    if any(node.op in _OF_IDENTITY or node.evaluation is not None for node in nodes):
        return None
    outside = {asked: scope.bindings.get(asked) for asked in trace.names if asked != name}
    return _Record(
        first,
        nodes,
        builder.provenance[first:],
        builder.reads_action[first:],
        {asked: _fingerprint(binding, runner) for asked, binding in outside.items()},
        _order(outside, scope),
        {n: b.value.node for n, b in outside.items() if b is not None and isinstance(b.value, Tensor)},
        {key: _node(elaborator.inputs.known(*key)) for key in trace.inputs},
        scope.bindings[name],
        trace,
        known,
        elaborator.steps - steps,
    )


def _replay(run: Run, runner: FileRunner, record: _Record) -> bool:
    """Do again what a statement did; False, and nothing done, where it might do something else now."""
    builder, scope = run.builder, runner.scope
    earlier = scope.bindings.get(record.bound.name)
    if earlier is not None and earlier.what != "lost":
        return False
    if builder.unifier.known != record.known:
        return False
    for name, was in record.asked.items():
        if _fingerprint(scope.bindings.get(name), runner) != was:
            return False
    if record.order != _order(record.asked, scope):
        return False
    inputs = {key: runner.elaborator.inputs.known(*key) for key in record.inputs}
    if any(value is None for value in inputs.values()):
        return False
    if not builder.claim_again(record.trace.claims, len(record.nodes), len(record.trace.expanded)):
        return False
    tensors = {name: scope.bindings[name].value.node for name in record.tensors}  # type: ignore[union-attr]
    nodes = {key: _node(value) for key, value in inputs.items()}
    ids = {record.tensors[name]: node for name, node in tensors.items()}
    for old, new in zip(record.inputs.values(), nodes.values(), strict=True):
        if old is not None and new is not None:
            ids[old] = new
    _renumber(record, ids, len(builder.nodes))
    record.tensors, record.inputs = tensors, nodes
    builder.append(record.nodes, record.provenance, record.reads_action)
    runner.elaborator.steps += record.steps
    for name in record.asked:
        if name in scope.bindings:
            scope.bindings[name].read = True
    for function in record.trace.expanded:
        function.expanded = True
    _bind_again(runner, record.bound)
    return True


def _renumber(record: _Record, ids: Mapping[int, int], first: int) -> None:
    """Give a record's nodes the ids from `first` on; `ids` are the new ids of the nodes outside it."""
    old, shift = record.first, first - record.first
    if shift == 0 and all(was == now for was, now in ids.items()):
        return

    def moved(node: int) -> int:
        return node + shift if node >= old else ids[node]

    record.first = first
    record.nodes = [
        Node(n.op, tuple(map(moved, n.operands)), n.attributes, n.type, n.owner, n.version, n.evaluation)
        for n in record.nodes
    ]
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


def _spec(file: Source, pieces: Sequence[_Piece], folder: Path | None, limits: Limits) -> Spec | None:
    """The spec of a text that was read piece by piece; None where only the whole text tells what it is."""
    statements = [statement for piece in pieces for statement in piece.statements]
    if not statements or len(file.text) > limits.bytes or len(statements) > limits.statements:
        return None
    problems = [problem for piece in pieces for problem in piece.problems]
    lost = [name for piece in pieces for name in piece.lost]
    tree = ast.File(file, 0, len(file.text), None, statements, lost)
    return Spec(file, tree, tuple(problems), folder, limits=limits)
