"""Diagnostics as text: `full` for people, `concise` for editors, `json` for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from rl2graph.diagnostics.diagnostic import Diagnostic, Fix
from rl2graph.diagnostics.source import Source, Span


def render_concise(diagnostic: Diagnostic) -> str:
    """`path:line:col: error[RLG201]: message`, on one line."""
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    if diagnostic.span is None:
        return head
    name, line, column = diagnostic.span.location()
    return f"{name}:{line}:{column}: {head}"


def render_full(diagnostic: Diagnostic) -> str:
    """The concise line, the source lines with carets, notes, the hint and the fix."""
    lines = [render_concise(diagnostic)]
    margin = " "
    if diagnostic.span is not None:
        excerpts = [(diagnostic.span, diagnostic.label, "^")]
        excerpts += [(label.span, label.text, "-") for label in diagnostic.labels]
        width = max(len(str(span.location()[1])) for span, _, _ in excerpts)
        margin = " " * (width + 1)
        shown = diagnostic.span.source
        for position, (span, text, mark) in enumerate(excerpts):
            if position and span.source is not shown:
                name, line, column = span.location()
                lines.append(f"{margin}--> {name}:{line}:{column}")
                shown = span.source
            lines += _excerpt(span, text, mark, width)
    lines += [f"{margin}= note: {note}" for note in diagnostic.notes]
    if diagnostic.hint:
        lines.append(f"{margin}= hint: {diagnostic.hint}")
    if diagnostic.fix:
        lines.append(f"{margin}= fix: {diagnostic.fix.title}")
    return "\n".join(lines)


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A stable, JSON-ready form; positions count from 1, `end_column` is exclusive."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "place": _place(diagnostic.span),
        "hint": diagnostic.hint,
        "notes": list(diagnostic.notes),
        "labels": [{"place": _place(label.span), "text": label.text} for label in diagnostic.labels],
        "fix": _fix(diagnostic.fix),
    }


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no errors`."""
    found = list(diagnostics)
    counts = []
    for word in ("error", "warning"):
        number = sum(diagnostic.severity.value == word for diagnostic in found)
        if number:
            counts.append(f"{number} {word}{'s' if number > 1 else ''}")
    return ", ".join(counts) or "no errors"


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    name, line, column = span.location()
    end_line, end_column = span.source.position(span.end)
    return {"path": name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {"title": fix.title, "place": _place(fix.span), "replacement": fix.replacement}


def _excerpt(span: Span, text: str, mark: str, width: int) -> list[str]:
    source: Source = span.source
    number, column = source.position(span.start)
    last, end_column = source.position(max(span.end, span.start + 1))
    line = source.line(number)
    end = end_column - 1 if last == number else len(line)
    before = line[: column - 1]
    marked = line[column - 1 : max(end, column)]
    carets = mark * max(1, _columns(marked))
    bar = f"{' ' * width} |"
    return [
        bar,
        f"{number:>{width}} | {line.replace(chr(9), '    ')}",
        f"{bar} {' ' * _columns(before)}{carets}{' ' + text if text else ''}",
    ]


def _columns(text: str) -> int:
    """Columns that `text` takes on a terminal, a tab counting four."""
    total = 0
    for character in text:
        if character == "\t":
            total += 4
        elif unicodedata.combining(character):
            continue
        else:
            total += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return total
