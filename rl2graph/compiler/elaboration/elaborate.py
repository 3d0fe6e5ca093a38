"""Statements and expressions to graph nodes.

Names, macros, loops and compile-time values are gone after this step: what is left is one node per
evaluation, with owner paths, types and provenance. A finding poisons the value that it is about, so that
nothing is said twice; the rest of the spec is still checked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite

from rl2graph.compiler.elaboration import advice, arithmetic, calls, foreign, parts, pipelines
from rl2graph.compiler.elaboration.builder import GraphBuilder
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.definitions import Definitions
from rl2graph.compiler.elaboration.diagnose import Context, LimitReached, Reporter
from rl2graph.compiler.elaboration.inputs import Inputs
from rl2graph.compiler.elaboration.near_names import NearNames
from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.values import (
    POISON,
    Function,
    Given,
    Namespace,
    Tensor,
    Value,
    describe,
)
from rl2graph.compiler.interface import INPUTS
from rl2graph.compiler.limits import DEFAULT, Limits, limit_hint
from rl2graph.contracts.inputs import declaration
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Span, misspelt, suggestion
from rl2graph.diagnostics.elsewhere import advice_on
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.lang import ast

MAX_SEARCHES = 100  # findings beyond these get a nearest name only where one slip explains it
MAX_FRAMES = 10_000_000
_FRAMES = 25  # of Python, for each expression or expansion inside another


@contextmanager
def deep_recursion(limits: Limits) -> Iterator[None]:
    """Room on Python's stack for a spec as deep as the limits allow."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, min(_FRAMES * limits.depth, MAX_FRAMES)))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Elaborator:
    """Evaluates expressions in a context; statements are `rl2graph.compiler.elaboration.statements`' part."""

    def __init__(
        self, builder: GraphBuilder, inputs: Inputs, reporter: Reporter, limits: Limits = DEFAULT
    ) -> None:
        self.builder = builder
        self.inputs = inputs
        self.reporter = reporter
        self.limits = limits
        self.definitions = Definitions(inputs, reporter)
        self._near_names = NearNames()
        self._depth = 0
        self.steps = 0

    def evaluate(self, expr: ast.Expr, context: Context, tail: bool = False) -> Value:
        """The value of an expression; `tail` where it is the very value of its binding."""
        self._depth += 1
        self.steps += 1
        try:
            if self._depth > self.limits.depth or self.steps > self.limits.steps:
                raise self._too_much(expr, context)
            return self._evaluate(expr, context, tail)
        except DiagnosticError as error:
            self.reporter.report_all(error, context)
            return POISON
        finally:
            self._depth -= 1

    def _too_much(self, expr: ast.Expr, context: Context) -> LimitReached:
        span = self.reporter.user_span(expr, context)
        if self._depth > self.limits.depth:
            message = f"more than {self.limits.depth} expressions and expansions inside each other"
            hint = f"give an inner part a name of its own; {limit_hint('depth')}"
            return LimitReached("RLG107", message, span, hint)
        message = f"the spec takes more than {self.limits.steps:,} steps to expand"
        return LimitReached("RLG307", message, span, limit_hint("steps"))

    def _evaluate(self, expr: ast.Expr, context: Context, tail: bool) -> Value:
        match expr:  # the most frequent first: each case is a comparison
            case ast.Name():
                return self._name(expr, context)
            case ast.Pipe():
                return pipelines.pipe(self, expr, context, tail)
            case ast.Call():
                return self.call(expr, context, tail)
            case ast.Float() if not isfinite(expr.value):
                raise DiagnosticError.of("RLG304", "a number larger than any float", expr.span)
            case ast.Integer() | ast.String() | ast.Boolean() | ast.Float():
                return expr.value
            case ast.ListOf():
                return [self.evaluate(item, context) for item in expr.items]
            case ast.Binary():
                return arithmetic.binary(self, expr, context)
            case ast.Negate():
                return arithmetic.negate(self, expr, context)
            case ast.Attribute():
                return parts.attribute(self, expr, context)
            case ast.Index():
                return parts.index(self, expr, context)
            case ast.Loop():
                raise DiagnosticError.of("RLG101", "a loop is a stage of a pipeline: `x |> for …`", expr.span)

    def _name(self, expr: ast.Name, context: Context) -> Value:
        binding = context.scope.find(expr.text)
        if binding is not None:
            if context.counts_reads or binding.what != "binding":
                binding.read = True
            return binding.value
        if expr.text in INPUTS or (expr.text in self.inputs and not context.scope.is_imported):
            return self.inputs.read(expr.text, self.reporter.user_span(expr, context))
        function = self.definitions.function(expr.text)
        if function is not None:
            return function
        self._refuse_recursion(expr)
        self.refuse_library(expr, context)
        message, declared = f"unknown name `{expr.text}`", declaration(expr.text)
        if declared is not None and expr.text not in self.definitions.later:
            raise DiagnosticError.of("RLG201", message, expr.span, f"declare it: `{declared}`")
        others = [*self.inputs.names(), *self.definitions.names(), "true", "false"]
        quoted = advice.in_quotes(expr.text)
        raise self.unknown("RLG201", message, expr, context.scope, others, otherwise=quoted)

    def unknown(
        self,
        code: str,
        message: str,
        name: ast.Name,
        scope: Scope,
        others: Iterable[str] = (),
        wanted: Callable[[str], bool] = lambda name: True,
        otherwise: str | None = None,
    ) -> DiagnosticError:
        """The refusal of a name: it is bound too late, or misspelt for one of the scope that is `wanted` or
        for one of the `others`; `otherwise` is the hint where none is near.
        """
        later = self.definitions.later.get(name.text)
        if later is not None and _starts_after(later.span, name.span):
            line = later.span.location()[1]
            hint = f"line {line} binds it: a name is bound before it is used"
            return DiagnosticError.of(code, message, name.span, hint)
        others = list(others)
        near = list(filter(wanted, self._near_names.near(name.text, scope)))
        said = advice_on(name.text)
        if said is not None and suggestion(name.text, near) is None:
            return DiagnosticError.of(code, message, name.span, said)
        found = misspelt(code, message, name.span, name.text, [*near, *others])
        if found.hint is None and len(self.reporter.diagnostics) <= MAX_SEARCHES:
            known = [*filter(wanted, scope.names()), *others]
            found = misspelt(code, message, name.span, name.text, known, otherwise)
        return DiagnosticError([found])

    def refuse_library(self, expr: ast.Expr, context: Context) -> None:
        """Raises RLG201 for a name of another library, `nn.Linear`."""
        names = foreign.dotted(expr)
        if not names or names[0] not in foreign.LIBRARIES or context.scope.find(names[0]) is not None:
            return
        if names[0] in self.inputs or names[0] in self.definitions.later:
            return
        hint, fix = foreign.of_library(expr, list(self.definitions.names()))
        message = f"unknown name `{'.'.join(names)}`"
        raise DiagnosticError([Diagnostic("RLG201", message, expr.span, hint=hint, fix=fix)])

    # Calls

    def call(self, call: ast.Call, context: Context, tail: bool, operand: Given | None = None) -> Value:
        """The value of a call; `operand` is what a pipeline gives it."""
        if isinstance(call.function, ast.Call):
            self._refuse_curried(call, call.function, context)
        function = self.function(call.function, context)
        positional = [] if operand is None else [operand]
        keywords: list[Given] = []
        for argument in call.arguments:
            given = Given(self.evaluate(argument.value, context), argument.value, argument.keyword)
            if given.keyword is not None:
                keywords.append(given)
            elif keywords:
                raise DiagnosticError.of("RLG205", "positional arguments come before keywords", given.span)
            else:
                positional.append(given)
        if function is None:
            return POISON
        site = CallSite(positional, keywords, call, call.function, context, tail)
        return self.apply(function, site)

    def apply(self, function: Function, site: CallSite) -> Value:
        """The value of a call."""
        return calls.apply(self, function, site)

    def function(self, expr: ast.Expr, context: Context) -> Function | None:
        """What a call calls, or None where that is poisoned."""
        own = context.scope.find(expr.text) if isinstance(expr, ast.Name) else None
        if isinstance(expr, ast.Name) and (own is None or own.what == "lost"):
            function = self.definitions.function(expr.text)
            if function is not None:
                return function
            if own is None and expr.text not in self.inputs:
                raise self._unknown_function(expr, context)
        value = self.evaluate(expr, context)
        if value is POISON:
            return None
        if isinstance(value, Function):
            return value
        hint = advice.how_to_use(value) if isinstance(value, Namespace) else None
        if isinstance(value, str) and self.definitions.function(value) is not None:
            hint = f"the op itself is written without quotes: `{value}`"
        if isinstance(value, Tensor) and isinstance(expr, ast.Attribute):
            hint = foreign.of_tensor(expr.value.span, expr.name.text, list(self.definitions.names()))
        elif isinstance(value, Tensor) and isinstance(expr, ast.Name) and expr.text not in self.inputs:
            hint = f"a module can be called: `encoder {expr.text}(x) = …`"
        message = f"`{expr.span.text}` is {describe(value)} and cannot be called"
        raise DiagnosticError.of("RLG305", message, expr.span, hint)

    def _refuse_curried(self, call: ast.Call, inner: ast.Call, context: Context) -> None:
        """Raises RLG204 for `dense(64)(obs)`: only definitions of the user's own can give a function."""
        if not isinstance(inner.function, ast.Name):
            return
        name = inner.function.text
        own = context.scope.find(name)
        if self.definitions.function(name) is None or (own is not None and not own.span.source.shipped):
            return
        for argument in call.arguments:
            self.evaluate(argument.value, context)
        given = [self.evaluate(argument.value, context) for argument in inner.arguments]
        if any(isinstance(value, Tensor) for value in given):
            message = f"`{inner.span.text}` is a tensor and cannot be called"
            raise DiagnosticError.of("RLG305", message, inner.span)
        raise DiagnosticError([advice.curried(call, inner)])

    def _refuse_recursion(self, expr: ast.Name) -> None:
        if expr.text in self.definitions.expanding:
            hint = "definitions are expanded in place, so none can use itself; a loop repeats a stage"
            raise DiagnosticError.of("RLG213", f"`{expr.text}` uses itself", expr.span, hint)

    def _unknown_function(self, expr: ast.Name, context: Context) -> DiagnosticError:
        self._refuse_recursion(expr)
        return self.unknown(
            "RLG202",
            f"unknown op `{expr.text}`",
            expr,
            context.scope,
            self.definitions.names(),
            wanted=lambda name: self._callable(name, context),
            otherwise=foreign.OPS_ARE_LISTED,
        )

    def _callable(self, name: str, context: Context) -> bool:
        binding = context.scope.find(name)
        return binding is not None and isinstance(binding.value, Function)

    # Nodes without a call of their own

    def constant(self, value: float, span: Span, context: Context) -> int:
        """A node for a number."""
        return self.add("constant", (), {"value": float(value)}, span, context)

    def add(
        self,
        op: str,
        operands: tuple[int, ...],
        attributes: Mapping[str, object],
        span: Span,
        context: Context,
        namer: Namer | None = None,
        below: str | None = None,
    ) -> int:
        """A node for an application of `op` whose arguments have no text of their own."""
        prefix = context.namer.prefix
        try:
            return self.builder.add(
                OPS[op],
                operands,
                attributes,
                span=self.reporter.user_span(span, context),
                name=f"{prefix}.{op}" if prefix else op,
                namer=namer,
                below=below,
            )
        except TypeProblem as problem:
            labels = self.builder.why(operands)
            found = Diagnostic(problem.code, problem.message, span, hint=problem.hint, labels=labels)
            raise DiagnosticError([found]) from None


def _starts_after(span: Span, other: Span) -> bool:
    """Whether a span of the same text starts after another."""
    span, other = span.in_whole, other.in_whole
    return span.source is other.source and span.start > other.start
