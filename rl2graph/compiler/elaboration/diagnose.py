"""Where a finding is shown: at the user's own text, whatever was expanded on the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.values import Given, Text, span_of
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span
from rl2graph.lang import ast

MAX_CALLS = 3  # shown of those that led to a finding


@dataclass(slots=True)
class Expansion:
    """One definition being expanded: its name, the call that it was expanded for and the name that is called
    there, and where that call gives the value of a name in the definition's text.
    """

    name: str
    text: Text
    callee_text: Text
    arguments: dict[str, Given] = field(default_factory=dict, compare=False)

    @property
    def call(self) -> Span:
        return span_of(self.text)

    @property
    def callee(self) -> Span:
        return span_of(self.callee_text)

    def follow(self, name: str, source: ast.Syntax) -> None:
        """Take the values of `name` to come from `source`, an expression of the definition."""
        given = self.arguments.get(source.span.text)
        if given is not None:
            self.arguments[name] = given


@dataclass(slots=True)  # not frozen: one is made for every binding and pass of a loop
class Context:
    """Where an expression stands; never changed once it is made.

    `role` is what a bare `head` takes, `expansions` the definitions being expanded, outermost first;
    `top_level` says that statements here are a file's own; `counts_reads` is False inside a `loss`, which
    makes no output of what it reads.
    """

    scope: Scope
    namer: Namer
    role: str | None = None
    expansions: tuple[Expansion, ...] = ()
    top_level: bool = False
    counts_reads: bool = True

    def inside(self, scope: Scope) -> Context:
        """The same place with names of its own."""
        return Context(scope, self.namer, self.role, self.expansions, self.top_level, self.counts_reads)


class LimitReached(Exception):
    """A limit that ends the whole elaboration: to go on would take just what the limit prevents."""

    def __init__(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, hint=hint)


class Reporter:
    """Collects findings and moves those about the shipped library to the call that the user wrote."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.reports = 0  # of findings, also of those that were found before
        self._seen: set[tuple[str, Span | None, str]] = set()

    def report(self, diagnostic: Diagnostic, context: Context | None = None) -> None:
        self.reports += 1
        expansions = context.expansions if context else ()
        moved = self._in_user_text(diagnostic, expansions)
        key = moved.code, moved.span, moved.message
        if key not in self._seen:
            self._seen.add(key)
            self.diagnostics.append(moved)

    def report_all(self, error: DiagnosticError, context: Context) -> None:
        for diagnostic in error.diagnostics:
            self.report(diagnostic, context)

    def user_span(self, text: Text, context: Context) -> Span:
        """The span of a text, or the innermost call in the user's text that led to it."""
        if text.source.shipped:
            for expansion in reversed(context.expansions):
                if not expansion.text.source.shipped:
                    return expansion.call
        return span_of(text)

    def outer_preset(self, span: Span, context: Context) -> Expansion | None:
        """The preset whose use in the user's text led to `span`, where one did."""
        if not span.source.shipped:
            return None
        for expansion in reversed(context.expansions):
            if not expansion.text.source.shipped:
                return expansion
        return None

    def _in_user_text(self, diagnostic: Diagnostic, expansions: tuple[Expansion, ...]) -> Diagnostic:
        """The finding at the user's own text, with the calls that led there, the innermost first."""
        span = diagnostic.span
        if span is None or not expansions:
            return diagnostic
        outer = list(expansions)
        preset = ""
        while span.source.shipped and outer:
            expansion = outer.pop()
            given = expansion.arguments.get(span.text)
            span = expansion.call if given is None else given.span
            preset = expansion.name
        calls = [
            Label(expansion.call, f"`{expansion.name}` is called here")
            for expansion in reversed(outer)
            if not expansion.text.source.shipped and not _covers(expansion.call, span)
        ]
        labels = [label for label in diagnostic.labels if not label.span.source.shipped]
        moved = replace(diagnostic, span=span, labels=(*labels, *calls[:MAX_CALLS]))
        if not preset:
            return moved
        note = f"in the expansion of the preset `{preset}`"
        return replace(moved, label="", notes=(*diagnostic.notes, note))


def _covers(outer: Span, inner: Span) -> bool:
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end
