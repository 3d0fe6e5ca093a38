"""One finding about a spec, a run or a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rl2graph.diagnostics.codes import CODES, Severity
from rl2graph.diagnostics.source import Span


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that belongs to a diagnostic, and what is to be seen there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Replace the text of `span` by `replacement`.

    `safe`: the mend is certain, so a program may apply it; else it is shown for a person to judge.
    """

    title: str
    span: Span
    replacement: str
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding: stable `code`, one-line `message`, the place it is about (None: no text, a run or a file).

    `label` stands under the carets, `hint` says how to mend it, `labels` point at other places.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    hint: str | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def in_whole(self) -> Diagnostic:
        """The same finding, its places told as places in whole texts (`Span.in_whole`)."""
        labels = tuple(Label(label.span.in_whole, label.text) for label in self.labels)
        fix = None if self.fix is None else replace(self.fix, span=self.fix.span.in_whole)
        span = None if self.span is None else self.span.in_whole
        return replace(self, span=span, labels=labels, fix=fix)

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class DiagnosticError(Exception):
    """Raised where the work cannot go on; carries every diagnostic found until then."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    @classmethod
    def of(
        cls, code: str, message: str, span: Span | None = None, hint: str | None = None
    ) -> DiagnosticError:
        """One finding, ready to raise."""
        return cls([Diagnostic(code, message, span, hint=hint)])

    def __str__(self) -> str:
        from rl2graph.diagnostics.render import render_full

        return "\n".join(render_full(diagnostic) for diagnostic in self.diagnostics)
