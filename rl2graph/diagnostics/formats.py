"""Diagnostics for other programs: SARIF 2.1.0 for code scanning, workflow commands for GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from rl2graph.diagnostics.codes import CODES
from rl2graph.diagnostics.diagnostic import Diagnostic, Fix, Label
from rl2graph.diagnostics.pages import page_of
from rl2graph.diagnostics.plain import without_links
from rl2graph.diagnostics.source import Span

Found = tuple[str | None, Diagnostic]
"""A finding, and the file that was looked at: the place of a finding that has none of its own."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def to_sarif(found: Iterable[Found], version: str) -> dict[str, Any]:
    """A SARIF log of one run: each code that was found as a rule with its page, each finding as a result.

    Lines and columns count from 1, in characters; end columns are exclusive.
    """
    findings = list(found)
    codes = sorted({diagnostic.code for _, diagnostic in findings})
    results = [_result(path, diagnostic, codes.index(diagnostic.code)) for path, diagnostic in findings]
    driver = {"name": "rl2graph", "version": version, "rules": [_rule(code) for code in codes]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def to_github(path: str | None, diagnostic: Diagnostic) -> str:
    """A workflow command, `::error file=net.rl2,line=1,…,title=RLG201::message`, on one line."""
    properties: dict[str, object] = {}
    span = _in_file(diagnostic.span)
    if span is not None:
        properties = _github_place(span)
    elif path is not None:
        properties["file"] = path
    properties["title"] = diagnostic.code
    shown = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    command = _COMMANDS[diagnostic.severity.value]
    return f"::{command} {shown}::{_escaped(_message(diagnostic))}"


def _message(diagnostic: Diagnostic) -> str:
    """All that is said in words, a line each."""
    option = "" if diagnostic.span is None or _in_file(diagnostic.span) else diagnostic.span.source.name
    lines = [f"{option}: {diagnostic.message}" if option else diagnostic.message]
    lines += [f"note: {note}" for note in diagnostic.notes]
    if diagnostic.hint:
        lines.append(f"hint: {diagnostic.hint}")
    return "\n".join(lines)


def _in_file(span: Span | None) -> Span | None:
    """The span, where its text is a file's: not an option's (`--obs`) or one without a name (`<text>`)."""
    return None if span is None or span.source.name.startswith(("--", "<")) else span


def _edits(fix: Fix) -> list[tuple[Span, str]]:
    """What a fix replaces, and by what."""
    return [(fix.span, fix.replacement)]


# SARIF. Section numbers are those of the OASIS standard, version 2.1.0.


def _rule(code: str) -> dict[str, Any]:
    page = page_of(code)
    return {
        "id": code,
        "shortDescription": {"text": CODES[code].title},
        "fullDescription": {"text": page.summary},
        "help": {"text": page.text(), "markdown": without_links(page.markdown)},
        "defaultConfiguration": {"level": CODES[code].severity.value},
    }


def _result(path: str | None, diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": _text(_message(diagnostic)),
    }
    span = _in_file(diagnostic.span)
    if span is not None:
        result["locations"] = [{"physicalLocation": _physical(span)}]
    elif path is not None:
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}]
    labels = [label for label in diagnostic.labels if _in_file(label.span)]
    if labels:
        result["relatedLocations"] = [_related(number, label) for number, label in enumerate(labels)]
    if diagnostic.fix is not None and all(_in_file(span) for span, _ in _edits(diagnostic.fix)):
        result["fixes"] = [_sarif_fix(diagnostic.fix)]
    return result


def _related(number: int, label: Label) -> dict[str, Any]:
    return {"id": number, "physicalLocation": _physical(label.span), "message": _text(label.text)}


def _sarif_fix(fix: Fix) -> dict[str, Any]:
    """The edits of a fix, those of one file together."""
    changes: dict[str, list[dict[str, Any]]] = {}
    for span, replacement in _edits(fix):
        edit = {"deletedRegion": _region(span), "insertedContent": {"text": replacement}}
        changes.setdefault(_uri(span.source.name), []).append(edit)
    return {
        "description": _text(fix.title),
        "artifactChanges": [
            {"artifactLocation": {"uri": uri}, "replacements": edits} for uri, edits in changes.items()
        ],
        "properties": {"safe": fix.safe},
    }


def _text(message: str) -> dict[str, str]:
    """A message; braces are doubled, for single ones are placeholders (3.11.5)."""
    return {"text": message.replace("{", "{{").replace("}", "}}")}


def _physical(span: Span) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(span.source.name)}, "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    _, line, column = span.location()
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _uri(name: str) -> str:
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


# GitHub's workflow commands.


def _github_place(span: Span) -> dict[str, object]:
    """The place of a span; over several lines without columns, which the runner refuses there."""
    name, line, column = span.location()
    end_line, end_column = span.source.position(span.end)
    if end_line != line:
        return {"file": name, "line": line, "endLine": end_line}
    return {"file": name, "line": line, "col": column, "endLine": end_line, "endColumn": end_column}


def _escaped(data: str) -> str:
    return data.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")
