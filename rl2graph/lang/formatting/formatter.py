"""The one canonical layout of a spec. docs/formatting.md says what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.lang import ast
from rl2graph.lang.formatting.comments import scan
from rl2graph.lang.formatting.documents import Line, layout
from rl2graph.lang.formatting.statement_printer import StatementPrinter
from rl2graph.lang.parser import parse_file

WIDTH = 100
_GAP = 2  # blanks before a comment at the end of a line


def format_text(text: str, name: str = "<text>") -> str:
    """`text` in the canonical layout, its comments kept; `name` is what diagnostics call it.

    The syntax tree of the result is that of `text`, and formatting the result again changes nothing.

    Raises:
        DiagnosticError: with every syntax error, where there are any.
    """
    tree, problems = parse_file(Source(name, text))
    if problems:
        raise DiagnosticError(problems)
    return format_tree(tree)


def format_tree(tree: ast.File) -> str:
    """The text of a file that was parsed without a diagnostic, in the canonical layout."""
    printer = StatementPrinter(scan(tree.source.text))
    _, *lines = layout(printer.file(tree), WIDTH)
    return "".join(f"{text}\n" for text in _texts(lines))


def _texts(lines: Iterable[Line]) -> Iterator[str]:
    """The lines as text; the comments of consecutive lines of one indentation stand below each other."""
    for comment_indent, run in groupby(lines, lambda line: None if line.comment is None else line.indent):
        if comment_indent is None:
            yield from (_code(line) for line in run)
        else:
            yield from _commented(list(run))


def _commented(lines: list[Line]) -> Iterator[str]:
    """Lines that end in comments, these in one column unless that makes a line too long."""
    column = max(len(_code(line)) for line in lines)
    longest = max(len(line.comment or "") for line in lines)
    aligned = column + _GAP + longest <= WIDTH
    for line in lines:
        code = _code(line).ljust(column) if aligned else _code(line)
        yield f"{code}{' ' * _GAP}{line.comment}"


def _code(line: Line) -> str:
    return " " * line.indent + line.code
