"""From a spec and the spaces to a typed graph with its findings: everything before the first pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rl2graph.compiler import statements
from rl2graph.compiler.builder import MAX_NODES, GraphBuilder
from rl2graph.compiler.diagnose import Context, LimitReached, Reporter
from rl2graph.compiler.elaborate import Elaborator, deep_recursion
from rl2graph.compiler.exports import collect_outputs
from rl2graph.compiler.interface import ALWAYS, Inputs, Interface
from rl2graph.compiler.lints import lints
from rl2graph.compiler.scope import Namer, Scope
from rl2graph.compiler.spec import Spec, prelude
from rl2graph.compiler.statements import Declared, Program, not_yet
from rl2graph.compiler.type_names import space_of
from rl2graph.compiler.values import POISON, Constant, Poison, Tensor, Unresolved, Value, describe
from rl2graph.diagnostics import Diagnostic, DiagnosticError, did_you_mean
from rl2graph.ir.graph import Graph
from rl2graph.lang import ast


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a spec means for some spaces. `graph` is None where an error stands in the way."""

    spec: Spec
    interface: Interface
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    parameters: Mapping[str, Constant]

    @property
    def ok(self) -> bool:
        return self.graph is not None and not any(d.is_error for d in self.diagnostics)


def analyse(
    spec: Spec,
    interface: Interface,
    overrides: Mapping[str, Constant] | None = None,
    max_nodes: int = MAX_NODES,
) -> Analysis:
    """The literal graph of `spec` (one node per evaluation), and every finding about it, in source order."""
    if any(problem.code == "RLG603" for problem in spec.problems):
        return Analysis(spec, interface, None, spec.problems, {})
    run = _Run(spec, interface, dict(overrides or {}), max_nodes)
    return run.analysis()


class _Run:
    def __init__(
        self, spec: Spec, interface: Interface, overrides: dict[str, Constant], max_nodes: int
    ) -> None:
        self.spec = spec
        self.builder = GraphBuilder(max_nodes)
        self.inputs = Inputs(interface, self.builder)
        self.reporter = Reporter(prelude().source)
        self.elaborator = Elaborator(self.builder, self.inputs, self.reporter)
        self.overrides = overrides
        self.parameters: dict[str, Constant] = {}
        self.parameter_names: list[str] = []
        self.program = Program()
        library = self.elaborator.definitions.prelude
        self._run_file(prelude().tree, Context(library, Namer("")))
        self.context = Context(Scope(library), Namer(""))

    def analysis(self) -> Analysis:
        self._prepare_names()
        try:
            with deep_recursion():
                self._run_file(self.spec.tree, self.context)
        except LimitReached as limit:
            self.reporter.report(limit.diagnostic)
        self._unknown_overrides()
        graph = None
        try:
            failed = bool(self.spec.problems) or any(d.is_error for d in self.reporter.diagnostics)
            outputs = collect_outputs(self.program, self.context.scope, self.spec, incomplete=failed)
            graph = self.builder.finish(outputs)
        except DiagnosticError as error:
            self.reporter.report_all(error, self.context)
        found = [*self.spec.problems, *self.reporter.diagnostics, *self.inputs.notes]
        if any(diagnostic.is_error for diagnostic in found):
            graph = None
        if graph is not None:
            found += lints(graph, self.context.scope, self.builder.live)
        found.sort(key=lambda d: (d.span is None, d.span.start if d.span else 0))
        return Analysis(self.spec, self.inputs.interface, graph, tuple(found), self.parameters)

    def _prepare_names(self) -> None:
        """Poison what unreadable statements would bind; note where the others will bind theirs."""
        definitions = self.elaborator.definitions
        for name in self.spec.tree.lost:
            if definitions.function(name) is None and name not in self.inputs:
                identifier = ast.Identifier(self.spec.source, 0, 0, name)
                definitions.bind(self.context.scope, identifier, POISON, "lost").read = True
        for statement in self.spec.tree.statements:
            bound = getattr(statement, "name", None)
            if isinstance(bound, ast.Identifier):
                definitions.later[bound.text] = bound.span.location()[1]

    def _run_file(self, tree: ast.File, context: Context) -> None:
        for statement in tree.statements:
            try:
                self._top_level(statement, context)
            except DiagnosticError as error:
                self.reporter.report_all(error, context)

    def _top_level(self, statement: ast.Statement, context: Context) -> None:
        match statement:
            case ast.Param():
                self._param(statement, context)
            case ast.Input():
                self._input(statement, context)
            case ast.Output():
                self.program.exports = True
                for item in statement.items:
                    self._export(item, context)
            case ast.Loss():
                self.elaborator.evaluate(statement.value, context)
                raise not_yet("`loss`", statement, "loss")
            case ast.Import():
                self.elaborator.definitions.declare(context.scope, statement.name, POISON)
                raise not_yet("`import`", statement, "import")
            case ast.Agents():
                raise not_yet("`agents`", statement, "agents")
            case _:
                statements.run_definition(self.elaborator, statement, context)

    def _param(self, statement: ast.Param, context: Context) -> None:
        name = statement.name.text
        default = self.elaborator.evaluate(statement.value, context)
        self.parameter_names.append(name)
        if not statements.is_free(self.elaborator, statement.name, context, "parameter"):
            return
        binding = self.elaborator.definitions.bind(context.scope, statement.name, POISON, "param")
        if isinstance(default, Tensor | Unresolved):
            message = f"a parameter is a compile-time value, and `{name}` would be a tensor"
            raise DiagnosticError.of("RLG305", message, statement.value.span, f"write `{name} = …`")
        if isinstance(default, int | float | str):
            self.parameters[name] = default
        if name in self.overrides and not isinstance(default, Poison):
            given = _override(name, default, self.overrides[name], statement)
            default = self.parameters[name] = given
        binding.value = default

    def _input(self, statement: ast.Input, context: Context) -> None:
        name = statement.name.text
        try:
            space = space_of(statement.type, lambda dim: self.elaborator.evaluate(dim, context))
            self._require_new_input(statement, context)
            problem = self.inputs.declare(name, space, statement.type.span)
        except DiagnosticError:
            self.inputs.poison(name)
            raise
        if problem is not None:
            raise DiagnosticError([problem])

    def _require_new_input(self, statement: ast.Input, context: Context) -> None:
        """Check that an input can be declared here.

        Raises:
            DiagnosticError: RLG206 where it is declared or read already, RLG207 where the name is not free.
        """
        name = statement.name.text
        if name in self.inputs.declared or self.inputs.is_read(name):
            what = "declared twice" if name in self.inputs.declared else "read before it is declared"
            hint = "inputs are declared once, before anything reads them"
            raise DiagnosticError.of("RLG206", f"`{name}` is {what}", statement.name.span, hint)
        if name not in ALWAYS:
            self.elaborator.definitions.require_free(context.scope, statement.name, "input")

    def _export(self, item: ast.Exported, context: Context) -> None:
        name = item.name.text
        role = item.role.text if item.role else None
        if item.value is not None:
            bind = ast.Bind(item.source, item.start, item.end, None, item.name, item.value)
            statements.run_definition(self.elaborator, bind, context, role)
        binding = context.scope.find(name)
        if binding is None:
            known = [n for n, b in context.scope.bindings.items() if b.what == "binding"]
            line = self.elaborator.definitions.later.get(name)
            later = f"line {line} binds it: a name is bound before it is used" if line else None
            hint = later or did_you_mean(name, known)
            raise DiagnosticError.of("RLG201", f"unknown name `{name}`", item.name.span, hint)
        binding.read = True
        self.program.outputs.append(Declared(name, role, binding.value, item.span, item.role))

    def _unknown_overrides(self) -> None:
        for name in self.overrides:
            if name not in self.parameter_names and not self.spec.problems:
                hint = did_you_mean(name, self.parameter_names) or (
                    f"its parameters are {', '.join(self.parameter_names)}"
                    if self.parameter_names
                    else "it has none"
                )
                self.reporter.report(
                    Diagnostic("RLG211", f"{self.spec.source.name} has no parameter `{name}`", hint=hint)
                )


def _override(name: str, default: Value, given: Constant, statement: ast.Param) -> Constant:
    """The given value as the default's type."""
    if isinstance(default, float) and type(given) is int:
        return float(given)
    if type(given) is not type(default):
        raise DiagnosticError.of(
            "RLG303",
            f"parameter `{name}` cannot become {describe(given)}: its default is {describe(default)}",
            statement.value.span,
        )
    return given
