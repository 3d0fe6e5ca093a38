"""Text to syntax tree."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import lark
from lark.exceptions import UnexpectedInput

from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source, Span
from rl2graph.lang import ast, grammar
from rl2graph.lang.builder import Builder, NumberTooLong
from rl2graph.lang.layout import TooDeep, UnclosedBracket
from rl2graph.lang.statements import bound_names, cut
from rl2graph.lang.syntax_errors import explain

LANGUAGE_VERSION = 1

_VERSION = re.compile(r"rl2[ \t]+\d+")
_FAILURES = (UnexpectedInput, UnclosedBracket, TooDeep, NumberTooLong)


@cache
def _parser() -> tuple[lark.Lark, Builder]:
    builder = Builder()
    return grammar.load(builder), builder


def parse_file(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The tree of every statement that can be read, and one diagnostic for each that cannot."""
    try:
        tree = _parse(source, 0, len(source.text), "start")
    except _FAILURES as failure:
        tree, diagnostics = _parse_each(source)
        if (
            tree.statements and not diagnostics
        ):  # the pieces are fine and the whole is not: say what the whole said
            diagnostics = [explain(failure, source)]
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
    for number, (start, end) in enumerate(cut(source.text)):
        try:
            piece = _parse(source, start, end, "start")
        except _FAILURES as failure:
            diagnostics.append(explain(failure, source))
            lost += bound_names(source.text[start:end])
            continue
        statements += piece.statements
        if piece.version is None:
            continue
        if number:
            diagnostics.append(_late_version(source, start))
        else:
            version = piece.version
    return ast.File(source, 0, len(source.text), version, statements, lost), diagnostics


def _late_version(source: Source, start: int) -> Diagnostic:
    message = "the version of the language stands on the first line"
    return Diagnostic("RLG101", message, Span(source, start, start + len("rl2")))


def _unknown_version(tree: ast.File) -> Diagnostic:
    start, _ = next(cut(tree.source.text))
    end = _VERSION.match(tree.source.text, start)
    return Diagnostic(
        "RLG105",
        f"this release reads version {LANGUAGE_VERSION} of the language, not {tree.version}",
        Span(tree.source, start, end.end() if end else start),
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
