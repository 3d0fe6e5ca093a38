"""Text to syntax tree."""

from __future__ import annotations

from rl2graph.collector import collector_paused
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source, Span
from rl2graph.lang import ast, lalr
from rl2graph.lang.broken import broken
from rl2graph.lang.lexer import tokenize
from rl2graph.lang.reading import Reading, read, read_piece

LANGUAGE_VERSION = 1


def parse_file(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The tree of every statement that can be read, and one diagnostic for each that cannot."""
    with collector_paused():
        reading = read(source, 0, len(source.text), first=True)
    _check_version(source, reading)
    tree = ast.File(source, 0, len(source.text), reading.version, reading.statements, reading.lost)
    return tree, reading.diagnostics


def parse_statement(
    source: Source, first: bool = False
) -> tuple[list[ast.Statement], list[Diagnostic], list[str]]:
    """Statements, diagnostics and lost names of one piece of a file, as `statements.cut` gives them.

    But for places the result is the piece's share of `parse_file`; `first` says that it is the first of its
    file, where the version of the language may stand.
    """
    reading = Reading()
    read_piece(source, 0, len(source.text), reading, first)
    _check_version(source, reading)
    return reading.statements, reading.diagnostics, reading.lost


def parse_type(source: Source) -> ast.TypeOf:
    """The tree of a type, as `--obs 'f32[4]'` takes it.

    Raises:
        DiagnosticError: where the text is no type.
    """
    failed = broken(source.text, "type")
    if failed is not None:
        from rl2graph.lang.recovery.syntax_errors import explain_type

        raise DiagnosticError([explain_type(source, failed)])
    return lalr.parse(source, tokenize(source.text), "type")  # type: ignore[no-any-return]


def _check_version(source: Source, reading: Reading) -> None:
    if reading.version in (None, LANGUAGE_VERSION):
        return
    tokens = tokenize(source.text)
    found = Diagnostic(
        "RLG105",
        f"this release reads version {LANGUAGE_VERSION} of the language, not {reading.version}",
        Span(source, tokens.starts[0], tokens.ends[0]),
        hint=f"write `rl2 {LANGUAGE_VERSION}`, or install a newer rl2graph",
    )
    reading.diagnostics.insert(0, found)  # it is about the first word of the text
