"""From a spec and the spaces to a typed graph with its findings: everything before the first pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from rl2graph.collector import collector_paused
from rl2graph.compiler.elaboration.builder import GraphBuilder
from rl2graph.compiler.elaboration.diagnose import LimitReached, Reporter
from rl2graph.compiler.elaboration.elaborate import Elaborator, deep_recursion
from rl2graph.compiler.elaboration.inputs import Inputs
from rl2graph.compiler.elaboration.scope import Scope
from rl2graph.compiler.elaboration.values import Constant, Tensor
from rl2graph.compiler.files.exports import collect_outputs
from rl2graph.compiler.files.imports import Importer
from rl2graph.compiler.files.toplevel import FileRunner
from rl2graph.compiler.files.uncalled import check_uncalled
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.lints import lints
from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Diagnostic, DiagnosticError, did_you_mean
from rl2graph.ir.graph import Graph, Output
from rl2graph.lang import ast


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a spec means for some spaces.

    Attributes:
        graph: the literal graph; None where an error stands in the way.
        parameters: values of the spec's parameters, and of the files that it imports, by qualified name.
        groups: the groups of agents that the spec has statements for.
        files: texts of the files of its own folder that it imports, by their path below it.
        values: the nodes of what its own statements bind, by name.
    """

    spec: Spec
    interface: Interface
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    parameters: Mapping[str, Constant]
    groups: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.graph is not None and not any(d.is_error for d in self.diagnostics)


@collector_paused()
def analyse(spec: Spec, interface: Interface, overrides: Mapping[str, Constant] | None = None) -> Analysis:
    """The literal graph of `spec` (one node per evaluation), and every finding about it, in source order.

    Where it has statements for groups of agents, the graph holds the view of each group beside the others.
    """
    if any(problem.code in ("RLG603", "RLG108") for problem in spec.problems):
        return Analysis(spec, interface, None, spec.problems, {})
    run = Run(spec, interface, dict(overrides or {}))
    with deep_recursion(spec.limits):
        for runner in run.runners:
            try:
                runner.run(spec)
            except LimitReached as limit:
                run.reporter.report(limit.diagnostic)
                run.limit_reached = True
        return run.finish()


class Run:
    """One analysis: the parts that its views share, and a runner for each view.

    `scope` is the scope of the file, where one is to be used again.
    """

    def __init__(
        self, spec: Spec, interface: Interface, overrides: dict[str, Constant], scope: Scope | None = None
    ) -> None:
        self.spec = spec
        self.interface = interface
        self.overrides = overrides
        self.builder = GraphBuilder(spec.limits)
        self.reporter = Reporter()
        self.importer = Importer(spec)
        self.groups = _groups(spec, interface)
        self.later = _bound(spec.tree.statements)
        self.runners = [self._runner(group, scope) for group in self.groups or ("",)]
        self.limit_reached = False

    def finish(self) -> Analysis:
        """The analysis, once every statement has run."""
        if not self.limit_reached:
            for runner in self.runners:
                check_uncalled(runner)
        self._unknown_overrides()
        notes = [note for runner in self.runners for note in runner.elaborator.inputs.notes]
        graph = None
        try:
            outputs = tuple(self._outputs())
            self.builder.claims.refuse_key_collisions()
            if not any(diagnostic.is_error for diagnostic in self.reporter.diagnostics):
                graph = self.builder.finish(outputs)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self.reporter.report(diagnostic)
        found = [*self.spec.problems, *self.reporter.diagnostics, *notes]
        if any(diagnostic.is_error for diagnostic in found):
            graph = None
        if graph is not None:
            found += lints(graph, [runner.bindings() for runner in self.runners], self.builder.live)
        found.sort(key=self._place)
        program = self.runners[0].program
        return Analysis(
            self.spec,
            self.interface,
            graph,
            tuple(found),
            program.parameters,
            self.groups,
            self.importer.files,
            {} if graph is None else self._values(),
        )

    def _values(self) -> dict[str, int]:
        """Nodes of the graph by the names that the file's own statements bind to them."""
        number = list(accumulate(self.builder.live))
        bound = [binding for runner in self.runners for binding in runner.bindings()]
        return {
            binding.name: number[binding.value.node] - 1
            for binding in reversed(bound)
            if isinstance(binding.value, Tensor) and self.builder.live[binding.value.node]
        }

    def _runner(self, group: str, scope: Scope | None) -> FileRunner:
        inputs = Inputs(self.interface, self.builder, group)
        elaborator = Elaborator(self.builder, inputs, self.reporter, self.spec.limits)
        elaborator.definitions.later = self.later
        return FileRunner(elaborator, self.importer, self.overrides, group, scope)

    def _outputs(self) -> Iterator[Output]:
        failed = bool(self.spec.problems) or any(d.is_error for d in self.reporter.diagnostics)
        for runner in self.runners:
            yield from collect_outputs(runner, self.spec, incomplete=failed)

    def _unknown_overrides(self) -> None:
        names = self.runners[0].program.parameter_names
        if self.spec.problems or self.limit_reached:
            return
        for name in self.overrides:
            if name not in names:
                hint = did_you_mean(name, names) or (
                    f"its parameters are {', '.join(names)}" if names else "it has none"
                )
                message = f"{self.spec.source.name} has no parameter `{name}`"
                self.reporter.report(Diagnostic("RLG211", message, hint=hint))

    def _place(self, diagnostic: Diagnostic) -> tuple[int, int]:
        """The spec's own findings in the order of its text, then those of imported files, then the rest."""
        if diagnostic.span is None:
            return 2, 0
        span = diagnostic.span.in_whole
        return (0 if span.source is self.spec.source else 1), span.start


def _bound(statements: list[ast.Statement]) -> dict[str, ast.Identifier]:
    """Names by what binds them, the last where there are several."""
    names = (getattr(statement, "name", None) for statement in statements)
    return {name.text: name for name in names if isinstance(name, ast.Identifier)}


def _groups(spec: Spec, interface: Interface) -> tuple[str, ...]:
    """The groups of agents that the spec has statements for, and the environment's others."""
    named = [
        name.text
        for statement in spec.tree.statements
        if isinstance(statement, ast.Agents)
        for name in statement.names
    ]
    return tuple(dict.fromkeys([*named, *(interface.groups or ())])) if named else ()
