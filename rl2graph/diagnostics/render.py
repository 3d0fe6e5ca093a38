"""Diagnostics as text: `full` for people, `concise` for editors, `json` for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rl2graph.diagnostics.diagnostic import Diagnostic, Fix, Label
from rl2graph.diagnostics.source import Span

MAX_WIDTH = 160  # of a source line in an excerpt


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
        excerpts = frame(Label(diagnostic.span, diagnostic.label), *diagnostic.labels)
        margin = excerpts[0].removesuffix("|")
        lines += excerpts
    lines += [f"{margin}= note: {note}" for note in diagnostic.notes]
    if diagnostic.hint:
        lines.append(f"{margin}= hint: {diagnostic.hint}")
    if diagnostic.fix and diagnostic.fix.safe:
        lines.append(f"{margin}= fix: {diagnostic.fix.title}")
    return "\n".join(lines)


def frame(first: Label, *others: Label) -> list[str]:
    """Source lines with what is said of places in them, below an empty one: carets for the first place."""
    marks = [_Mark(first.span, first.text, "^"), *(_Mark(label.span, label.text, "-") for label in others)]
    margin = " " * (max(len(str(mark.line)) for mark in marks) + 1)
    lines = [f"{margin}|"]
    shown = first.span.source
    for group in _by_line(marks):
        if group[0].span.source is not shown:
            shown = group[0].span.source
            lines.append(f"{margin}--> {shown.name}:{group[0].line}")
        lines += _excerpt(group, margin)
    return lines


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A stable, JSON-ready form; positions count from 1, `end_column` is exclusive."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "place": place(diagnostic.span),
        "hint": diagnostic.hint,
        "notes": list(diagnostic.notes),
        "labels": [{"place": place(label.span), "text": label.text} for label in diagnostic.labels],
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


def place(span: Span | None) -> dict[str, Any] | None:
    """A span, JSON-ready; positions count from 1, `end_column` is exclusive."""
    if span is None:
        return None
    name, line, column = span.location()
    end_line, end_column = span.source.position(span.end)
    return {"path": name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "title": fix.title,
        "place": place(fix.span),
        "replacement": fix.replacement,
        "safe": fix.safe,
    }


@dataclass(frozen=True, slots=True)
class _Mark:
    """A span to be underlined, and what is said of it."""

    span: Span
    text: str
    sign: str

    @property
    def line(self) -> int:
        return self.span.source.position(self.span.start)[0]

    @property
    def columns(self) -> tuple[int, int]:
        """First column and width on the terminal, of the part on the first line."""
        source = self.span.source
        number, column = source.position(self.span.start)
        last, end = source.position(self.span.end)
        line = source.line(number)
        stop = end - 1 if last == number else len(line)
        return _columns(line[: column - 1]), max(1, _columns(line[column - 1 : stop]))


def _by_line(marks: list[_Mark]) -> Iterator[list[_Mark]]:
    """Marks that can share an excerpt: on one line and apart from each other; the primary's line first."""
    groups: list[list[_Mark]] = []
    for mark in marks:
        for group in groups:
            same = group[0].span.source is mark.span.source and group[0].line == mark.line
            if same and all(_apart(mark, other) for other in group):
                group.append(mark)
                break
        else:
            groups.append([mark])
    yield from groups


def _apart(one: _Mark, other: _Mark) -> bool:
    (start, width), (other_start, other_width) = one.columns, other.columns
    return start + width < other_start or other_start + other_width < start


def _excerpt(group: list[_Mark], margin: str) -> list[str]:
    """A source line, its underlines, and what is said of each: the last beside it, the others below."""
    line = group[0].span.source.line(group[0].line)
    number = f"{group[0].line:>{len(margin) - 1}}"
    ordered = sorted(group, key=lambda mark: mark.columns[0])
    underline = ""
    for mark in ordered:
        start, width = mark.columns
        underline = underline.ljust(start) + mark.sign * width
    beside = f" {ordered[-1].text}" if ordered[-1].text else ""
    cut, underline = _window(line.replace("\t", "    "), underline, ordered[0].columns[0])
    lines = [f"{number} | {cut}", f"{margin}| {underline}{beside}"]
    for mark in reversed(ordered[:-1]):
        if mark.text:
            lines.append(f"{margin}| {' ' * mark.columns[0]}{mark.text}")
    return lines


def _window(line: str, underline: str, start: int) -> tuple[str, str]:
    """A very long line cut to what surrounds its first mark."""
    if len(line) <= MAX_WIDTH:
        return line, underline
    left = max(0, start - MAX_WIDTH // 3)
    cut = line[left : left + MAX_WIDTH]
    lead = "…" if left else ""
    tail = "…" if left + MAX_WIDTH < len(line) else ""
    return lead + cut + tail, " " * len(lead) + underline[left : left + MAX_WIDTH]


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
