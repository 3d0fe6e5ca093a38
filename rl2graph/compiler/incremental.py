"""Checking a spec again after each edit, at the cost of what the edit changed.

A text is cut into statements; a statement whose text did not change is not parsed again. It is not elaborated
again either where everything that it asked for (names of the file, inputs) is what it was the last time: what
it did then (nodes, owners, the name that it binds) is done again, with other node ids. A statement with
findings, and whatever is no binding or definition, is always run. So the result is that of `analyse` on the
whole text; a test holds the two equal over random edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rl2graph.collector import collector_paused
from rl2graph.compiler.analysis import Analysis, Run, analyse
from rl2graph.compiler.check import held_against
from rl2graph.compiler.elaboration.annotations import unwrap
from rl2graph.compiler.elaboration.diagnose import LimitReached
from rl2graph.compiler.elaboration.elaborate import deep_recursion
from rl2graph.compiler.elaboration.presets import presets
from rl2graph.compiler.elaboration.scope import Scope
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.files.toplevel import FileRunner
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.compiler.replay import Record, recorded, replay
from rl2graph.compiler.spec import Spec, parse
from rl2graph.contracts import contract_of
from rl2graph.diagnostics import Diagnostic, Source
from rl2graph.diagnostics.source import Part
from rl2graph.lang import ast
from rl2graph.lang.layout import nesting
from rl2graph.lang.parser import parse_statement
from rl2graph.lang.statements import cut

_REPLAYED = ast.Bind | ast.Declare | ast.Macro | ast.Ensemble


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
        with collector_paused():
            return self._check(text)

    def _check(self, text: str) -> Analysis:
        file = Source(self._name, text)
        with nesting(self._limits.nesting):
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
    record: Record | None = None

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


def _run_or_replay(run: Run, runner: FileRunner, piece: _Piece) -> None:
    if piece.record is not None and replay(run, runner, piece.record):
        return
    piece.record = None
    name = None if piece.problems or piece.statement is None else _bound_name(piece.statement)
    if name is None:
        for statement in piece.statements:
            runner.statement(statement)
    else:
        assert piece.statement is not None
        piece.record = recorded(run, runner, piece.statement, name)


def _bound_name(statement: ast.Statement) -> str | None:
    """What a binding or definition binds; None for any other statement."""
    _, inner = unwrap(statement)
    return inner.name.text if isinstance(inner, _REPLAYED) else None


def _spec(file: Source, pieces: Sequence[_Piece], folder: Path | None, limits: Limits) -> Spec | None:
    """The spec of a text that was read piece by piece; None where only the whole text tells what it is."""
    statements = [statement for piece in pieces for statement in piece.statements]
    if not statements or len(file.text) > limits.bytes or len(statements) > limits.statements:
        return None
    problems = [problem for piece in pieces for problem in piece.problems]
    lost = [name for piece in pieces for name in piece.lost]
    tree = ast.File(file, 0, len(file.text), None, statements, lost)
    return Spec(file, tree, tuple(problems), folder, limits=limits)
