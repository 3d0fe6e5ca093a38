"""Where a finding is shown: at the user's own text, whatever was expanded on the way to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rl2graph.compiler.scope import Namer, Scope
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span


@dataclass(frozen=True, slots=True)
class Expansion:
    """One definition being expanded: its name, and the call that it was expanded for."""

    name: str
    call: Span
    callee: Span


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression stands.

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

    def user_span(self, span: Span, context: Context) -> Span:
        """`span`, or the innermost call in the user's text that led to it."""
        if not span.source.shipped:
            return span
        for expansion in reversed(context.expansions):
            if not expansion.call.source.shipped:
                return expansion.call
        return span

    def outer_preset(self, span: Span, context: Context) -> Expansion | None:
        """The preset whose use in the user's text led to `span`, where one did."""
        if not span.source.shipped:
            return None
        for expansion in reversed(context.expansions):
            if not expansion.call.source.shipped:
                return expansion
        return None

    def _in_user_text(self, diagnostic: Diagnostic, expansions: tuple[Expansion, ...]) -> Diagnostic:
        span = diagnostic.span
        if span is None or not expansions:
            return diagnostic
        if not span.source.shipped:
            last = expansions[-1]
            if last.call.source.shipped or _covers(last.call, span):
                return diagnostic
            label = Label(last.call, f"`{last.name}` is expanded here")
            return replace(diagnostic, labels=(*diagnostic.labels, label))
        for expansion in reversed(expansions):
            if not expansion.call.source.shipped:
                labels = tuple(label for label in diagnostic.labels if not label.span.source.shipped)
                note = f"in the expansion of the preset `{expansion.name}`"
                return replace(
                    diagnostic, span=expansion.call, label="", labels=labels, notes=(*diagnostic.notes, note)
                )
        return diagnostic


def _covers(outer: Span, inner: Span) -> bool:
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end
