"""Text to syntax tree."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import lark
from lark.exceptions import UnexpectedInput

from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source
from rl2graph.lang import ast, grammar
from rl2graph.lang.builder import Builder, NumberTooLong
from rl2graph.lang.layout import TooDeep, UnclosedBracket
from rl2graph.lang.statements import bound_names, cut
from rl2graph.lang.syntax_errors import explain

LANGUAGE_VERSION = 1

_FAILURES = (UnexpectedInput, UnclosedBracket, TooDeep, NumberTooLong)


@cache
def _parser() -> tuple[lark.Lark, Builder]:
    builder = Builder()
    return grammar.load(builder), builder


def parse_file(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The tree of every statement that can be read, and one diagnostic for each that cannot."""
    try:
        tree = _parse(source, 0, len(source.text), "start")
    except _FAILURES:
        tree, diagnostics = _parse_each(source)
    else:
        diagnostics = []
    if tree.version not in (None, LANGUAGE_VERSION):
        diagnostics.append(_unknown_version(tree))
    return tree, diagnostics


def parse_type(source: Source) -> ast.TypeOf:
    """The tree of a type, as `--obs 'f32[4]'` takes it.

    Raises:
        DiagnosticError: where the text is no type.
    """
    try:
        return _parse(source, 0, len(source.text), "type")  # type: ignore[return-value]
    except _FAILURES as failure:
        raise DiagnosticError([explain(failure, source)]) from None


def _parse(source: Source, start: int, end: int, rule: str) -> ast.File:
    parser, builder = _parser()
    builder.source = source
    with _collector_paused():
        return parser.parse(lark.TextSlice(source.text, start, end), start=rule)  # type: ignore[return-value]


def _parse_each(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    statements: list[ast.Statement] = []
    diagnostics: list[Diagnostic] = []
    version: int | None = None
    lost: list[str] = []
    for start, end in cut(source.text):
        try:
            piece = _parse(source, start, end, "start")
        except _FAILURES as failure:
            diagnostics.append(explain(failure, source))
            lost += bound_names(source.text[start:end])
            continue
        statements += piece.statements
        version = piece.version if version is None else version
    return ast.File(source, 0, len(source.text), version, statements, lost), diagnostics


def _unknown_version(tree: ast.File) -> Diagnostic:
    from rl2graph.diagnostics import Span

    start = tree.source.text.find("rl2")
    line_end = tree.source.text.find("\n", start)
    end = len(tree.source.text) if line_end < 0 else line_end
    return Diagnostic(
        "RLG105",
        f"this release reads version {LANGUAGE_VERSION} of the language, not {tree.version}",
        Span(tree.source, start, end),
        hint=f"write `rl2 {LANGUAGE_VERSION}`, or install a newer rl2graph",
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """The cyclic collector finds nothing in a growing tree and costs a third of the parse."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
