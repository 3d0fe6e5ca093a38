"""Statements of a file: parameters, inputs, outputs, losses and imports, and the definitions between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rl2graph.compiler.elaboration import statements
from rl2graph.compiler.elaboration.annotations import unwrap
from rl2graph.compiler.elaboration.diagnose import Context, LimitReached
from rl2graph.compiler.elaboration.elaborate import Elaborator
from rl2graph.compiler.elaboration.heads import UNKNOWN_ROLE, unknown_role
from rl2graph.compiler.elaboration.scope import Binding, Namer, Scope
from rl2graph.compiler.elaboration.values import (
    POISON,
    Constant,
    Function,
    Namespace,
    Poison,
    Tensor,
    Unresolved,
    Value,
    describe,
    holds_tensors,
)
from rl2graph.compiler.files.imports import Importer, Place
from rl2graph.compiler.files.input_statements import declare_input
from rl2graph.compiler.files.overrides import overridden, plain
from rl2graph.compiler.files.program import Declared, Program
from rl2graph.compiler.limits import limit_hint
from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span, misspelt
from rl2graph.ir.graph import LOSS
from rl2graph.ir.roles import ROLES
from rl2graph.lang import ast
from rl2graph.lang.words import WORDS


class FileRunner:
    """Runs the statements of a spec, and of the files that it imports, on one elaborator.

    `group` is the group of agents in whose view the spec is run, empty for a single agent: statements of
    that group run in `group_scope`.
    """

    def __init__(
        self,
        elaborator: Elaborator,
        importer: Importer,
        overrides: Mapping[str, Constant],
        group: str = "",
        scope: Scope | None = None,
    ) -> None:
        self.elaborator = elaborator
        self.program = Program()
        self.scope = scope or Scope(elaborator.definitions.prelude)
        self.group_scope = Scope(self.scope)
        self._importer = importer
        self._overrides = overrides
        self.group = group
        self._files: list[Place] = [importer.main]
        prefix = f"agents.{group}" if group else ""
        self._context = Context(self.scope, Namer(prefix), top_level=True)

    def run(self, spec: Spec) -> None:
        """Run every statement of the spec itself."""
        self.begin(spec)
        declares = True
        for statement in spec.tree.statements:
            if declares and not isinstance(statement, ast.Param | ast.Import | ast.Input):
                declares = False
                self._declare_inputs(spec)
            self.statement(statement)

    def begin(self, spec: Spec) -> None:
        """What comes before the first statement: names whose statements could not be read are poisoned, and
        words of the language that a statement would have bound.
        """
        self._lose(spec.tree.lost, self._context)
        for problem in spec.problems:
            if problem.span is not None and problem.span.text in WORDS:
                self._lose_word(problem.span)

    def _declare_inputs(self, spec: Spec) -> None:
        """Declare the inputs of this view's group before anything of the spec reads them."""
        for statement in spec.tree.statements:
            if isinstance(statement, ast.Agents) and self._is_for_group(statement):
                for each in statement.body.statements:
                    if isinstance(each, ast.Input):
                        self._run(each, replace(self._context, scope=self.group_scope), "")

    def _is_for_group(self, statement: ast.Agents) -> bool:
        return self.group in [name.text for name in statement.names]

    def statement(self, statement: ast.Statement) -> None:
        """Run one statement of the spec itself."""
        self._run(statement, self._context, "")

    def bindings(self) -> list[Binding]:
        """What the spec's own statements bind, in order."""
        return [*self.scope.bindings.values(), *self.group_scope.bindings.values()]

    def _lose(self, names: list[str], context: Context) -> None:
        """Poison the names that unreadable statements would have bound."""
        definitions = self.elaborator.definitions
        for name in names:
            if name not in self.elaborator.inputs and name not in context.scope.bindings:
                identifier = ast.Identifier(self._importer.source, 0, 0, name)
                definitions.bind(context.scope, identifier, POISON, "lost").read = True

    def _lose_word(self, span: Span) -> None:
        """Poison a word of the language, which no statement can have bound; `head` can still be called."""
        name = ast.Identifier(span.source, span.start, span.end, span.text)
        if self.scope.own(name.text) is None:
            self.elaborator.definitions.bind(self.scope, name, POISON, "lost").read = True

    def _run(self, statement: ast.Statement, context: Context, qualifier: str) -> None:
        try:
            match statement:
                case ast.Param():
                    self._param(statement, context, qualifier)
                case ast.Import():
                    self._import(statement, context, qualifier)
                case ast.Input():
                    declare_input(self.elaborator, statement, context)
                case ast.Output():
                    self.program.exports = True
                    for item in statement.items:
                        self._export(item, context)
                case ast.Loss():
                    self._loss(statement, context)
                case ast.Agents():
                    self._agents(statement, context)
                case _:
                    statements.run_definition(self.elaborator, statement, context)
        except DiagnosticError as error:
            self.elaborator.reporter.report_all(error, context)

    # Parameters and imports

    def _param(self, statement: ast.Param, context: Context, qualifier: str) -> None:
        name = statement.name.text
        qualified = qualifier + name
        default = self.elaborator.evaluate(statement.value, context)
        self.program.parameter_names.append(qualified)
        if not statements.is_free(self.elaborator, statement.name, context, "parameter"):
            return
        definitions = self.elaborator.definitions
        binding = definitions.bind(context.scope, statement.name, POISON, "param")
        if isinstance(default, Tensor | Unresolved) or holds_tensors(default):
            message = f"a parameter is a compile-time value, and `{name}` would be a tensor"
            raise DiagnosticError.of("RLG305", message, statement.value.span, f"write `{name} = …`")
        if not isinstance(default, int | float | str | list | Function | Poison):
            message = f"a parameter is a number, a string, a list or an op, and not {describe(default)}"
            raise DiagnosticError.of("RLG305", message, statement.value.span)
        if qualified in self._overrides and not isinstance(default, Poison):
            given = self._overrides[qualified]
            default = overridden(qualified, default, given, statement, definitions)
        binding.value = default
        self._refuse_huge(default, statement)
        constant = plain(default)
        if constant is not None:
            self.program.parameters[qualified] = constant

    def _refuse_huge(self, value: Value, statement: ast.Param) -> None:
        """Raises RLG307 for a list of lists of … that is larger written out than the limit on steps."""
        sizes: dict[int, int] = {}

        def size(item: Value) -> int:
            if not isinstance(item, list):
                return 1
            if id(item) not in sizes:
                sizes[id(item)] = 1 + sum(map(size, item))
            return sizes[id(item)]

        most = self.elaborator.limits.steps
        if size(value) > most:
            message = f"`{statement.name.text}` has more than {most:,} items"
            raise LimitReached("RLG307", message, statement.value.span, limit_hint("steps"))

    def _import(self, statement: ast.Import, context: Context, qualifier: str) -> None:
        free = statements.is_free(self.elaborator, statement.name, context, "import")
        if free:
            binding = self.elaborator.definitions.bind(context.scope, statement.name, POISON, "import")
        place = self._importer.find(statement.path, self._files[-1])
        self._refuse_circle(place, statement)
        self.elaborator.builder.count_expansion(lambda: statement.span)
        file = self._importer.load(place, statement.path)
        name = statement.name.text
        scope = Scope(self.elaborator.definitions.prelude)
        scope.imported = True
        namer = context.namer.inner(name) if free else statements.unnamed(self.elaborator, statement.name)
        inner = replace(context, scope=scope, namer=namer, top_level=False)
        self._files.append(place)
        try:
            for problem in file.problems:
                if problem.span is None:
                    message = f"the imported file `{statement.path.value}` has no statements"
                    raise DiagnosticError.of(problem.code, message, statement.path.span)
                self.elaborator.reporter.report(problem)
            self._lose(file.tree.lost, inner)
            for each in file.tree.statements:
                self._imported(each, statement, inner, f"{qualifier}{name}.")
        finally:
            self._files.pop()
        if free:
            binding.value = Namespace(scope, statement.path.value, place.shipped)

    def _refuse_circle(self, place: Place, statement: ast.Import) -> None:
        """Raises RLG216 where a file is imported inside itself, RLG107 where imports are nested too deep."""
        if place in self._files:
            message = f"`{statement.path.value}` imports itself"
            between = self._files[self._files.index(place) + 1 :]
            if between:
                message += f", through {' and '.join(file.path for file in between)}"
            raise DiagnosticError.of("RLG216", message, statement.path.span, "leave one of the imports out")
        depth = self.elaborator.limits.nesting
        if len(self._files) > depth:
            message = f"more than {depth} imports inside each other"
            raise DiagnosticError.of("RLG107", message, statement.path.span, limit_hint("nesting"))

    def _imported(self, statement: ast.Statement, at: ast.Import, context: Context, qualifier: str) -> None:
        _, inner = unwrap(statement)
        if isinstance(inner, ast.Declare | ast.Macro | ast.Param | ast.Import):
            self._run(statement, context, qualifier)
            return
        bound = getattr(inner, "name", None)
        if isinstance(bound, ast.Identifier):
            self._lose([bound.text], context)
        found = Diagnostic(
            "RLG217",
            "an imported file holds definitions alone: `def`, modules, `param` and `import`",
            statement.span,
            labels=(Label(at.span, "imported here"),),
            hint="make a module of it, `encoder f(x) = …`, or move it to the file that imports",
        )
        self.elaborator.reporter.report(found)

    # Outputs, losses, groups of agents

    def _export(self, item: ast.Exported, context: Context) -> None:
        name = item.name.text
        role = item.role.text if item.role else None
        if item.role is not None and role not in ROLES:
            self.elaborator.reporter.report_all(unknown_role(item.role.text, item.role.span), context)
            role = UNKNOWN_ROLE
        if item.value is not None:
            bind = ast.Bind(item.source, item.start, item.end, None, item.name, item.value)
            statements.run_definition(self.elaborator, bind, context, role)
        binding = self._own(name, context)
        if binding is None:
            raise self.elaborator.unknown(
                "RLG201",
                f"unknown name `{name}`",
                ast.Name(item.source, item.name.start, item.name.end, name),
                context.scope,
                wanted=lambda known: getattr(self._own(known, context), "what", "") == "binding",
            )
        binding.read = True
        self.program.outputs.append(Declared(self.qualified(name), role, binding.value, item.span, item.role))

    def _own(self, name: str, context: Context) -> Binding | None:
        """A binding of the spec itself."""
        return context.scope.bindings.get(name) or self.scope.bindings.get(name)

    def _loss(self, statement: ast.Loss, context: Context) -> None:
        name = statement.name.text
        free = statements.is_free(self.elaborator, statement.name, context, "loss")
        namer = context.namer.inner(name) if free else statements.unnamed(self.elaborator, statement.name)
        inner = replace(context, namer=namer, role=None, top_level=False, counts_reads=False)
        first = len(self.elaborator.builder.nodes)
        value = self.elaborator.evaluate(statement.value, inner, tail=True)
        if not free:
            return
        if isinstance(value, Tensor) and value.node >= first:
            self.elaborator.builder.call(value.node, namer.prefix)
        binding = self.elaborator.definitions.bind(context.scope, statement.name, POISON, "loss")
        binding.read = True
        if value is POISON:
            return
        if not isinstance(value, Tensor):
            message = f"a loss is a tensor, and `{name}` would be {describe(value)}"
            raise DiagnosticError.of("RLG305", message, statement.value.span)
        type_ = self.elaborator.builder.type_of(value.node)
        if type_.ranked and (type_.axes or type_.dtype != "f32"):
            raise DiagnosticError.of(
                "RLG309",
                f"a loss is one number per sample, and `{name}` is {type_}",
                statement.value.span,
                "`mse(x, y)` gives one number per sample",
            )
        binding.value = value
        self.program.losses.append(Declared(self.qualified(name), LOSS, value, statement.name.span, None))

    def _agents(self, statement: ast.Agents, context: Context) -> None:
        """Statements of groups of agents: they run in the view of each that is named."""
        if not context.top_level or context.scope is self.group_scope:
            raise DiagnosticError.of("RLG101", "`agents` stands at the top level of a file", statement.span)
        known = self.elaborator.inputs.interface.groups
        for name in statement.names:
            if known is not None and name.text not in known:
                message = f"the environment has no agents `{name.text}`"
                otherwise = f"its groups are {', '.join(known)}" if known else "it has a single agent"
                found = misspelt("RLG509", message, name.span, name.text, known, otherwise)
                self.elaborator.reporter.report(found)
        if self._is_for_group(statement):
            inner = replace(context, scope=self.group_scope)
            self._lose(statement.body.lost, inner)
            for each in statement.body.statements:
                if not isinstance(each, ast.Input):
                    self._run(each, inner, "")

    def qualified(self, name: str) -> str:
        """The name of an output in the graph."""
        return f"{self.group}.{name}" if self.group else name
