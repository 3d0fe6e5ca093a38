"""`rl2graph check`: every finding about a spec, before anything runs."""

from __future__ import annotations

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rl2graph import __version__
from rl2graph.cli.common import (
    EXIT_ERRORS,
    add_spec_options,
    interface_of,
    limits_of,
    parameters_of,
    print_diagnostics,
    print_json,
    write_whole,
)
from rl2graph.cli.spec_files import spec_files
from rl2graph.compiler.check import check
from rl2graph.compiler.spec import load
from rl2graph.contracts import contract_of
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.diagnostics.formats import Found, to_github, to_sarif
from rl2graph.diagnostics.render import summary, to_json

FORMATS = ("full", "concise", "json", "sarif", "github")
FOR_PROGRAMS = ("json", "sarif", "github")
MAX_POINTERS = 3  # to pages of the manual, below the findings
ROUNDS = 10  # of fixing: a fix can bring another finding to light


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("check", help="find every mistake in a spec", description=__doc__)
    add_spec_options(parser, many=True)
    parser.add_argument("--format", choices=FORMATS, default="full")
    parser.add_argument("--fix", action="store_true", help="apply the fixes that need no thought")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        found = _check_all(args)
    except DiagnosticError as error:
        if args.format in FOR_PROGRAMS:
            _print([(None, diagnostic) for diagnostic in error.diagnostics], args.format)
        raise
    _print(found, args.format)
    diagnostics = [diagnostic for _, diagnostic in found]
    if args.format == "full":
        _print_pointers(diagnostics)
        print(f"{', '.join(args.spec)}: {summary(diagnostics)}", file=sys.stderr)
    return EXIT_ERRORS if any(diagnostic.is_error for diagnostic in diagnostics) else 0


def _print(found: Sequence[Found], style: str) -> None:
    diagnostics = [diagnostic for _, diagnostic in found]
    match style:
        case "json":
            ok = not any(diagnostic.is_error for diagnostic in diagnostics)
            print_json({"schema": 1, "ok": ok, "diagnostics": [to_json(d) for d in diagnostics]})
        case "sarif":
            print_json(to_sarif(found, __version__))
        case "github":
            for path, diagnostic in found:
                print(to_github(path, diagnostic))
        case _:
            print_diagnostics(diagnostics, sys.stdout, style)


def _print_pointers(diagnostics: Iterable[Diagnostic]) -> None:
    """Where the manual says more about what was found."""
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in diagnostics))
    if codes:
        print(f"for more: rl2graph explain {' '.join(codes[:MAX_POINTERS])}", file=sys.stderr)


def _check_all(args: argparse.Namespace) -> list[Found]:
    interface, parameters, limits = interface_of(args), parameters_of(args), limits_of(args)
    if args.algo is not None:
        contract_of(args.algo)

    def findings(path: str) -> tuple[Diagnostic, ...]:
        try:
            return check(load(path, limits), interface, args.algo, parameters).diagnostics
        except DiagnosticError as error:
            return error.diagnostics

    found: list[Found] = []
    for path in spec_files(args.spec):
        if args.fix:
            _fix(path, findings)
        found += [(path, diagnostic) for diagnostic in findings(path)]
    return found


def _fix(path: str, findings: Callable[[str], Iterable[Diagnostic]]) -> None:
    for _ in range(ROUNDS):
        spec_path = Path(path)
        certain = [d.fix for d in findings(path) if d.fix is not None and d.fix.safe]
        fixes = [fix for fix in certain if fix.span.source.name == path]
        if not fixes:
            return
        text, applied = apply_fixes(fixes[0].span.source.text, fixes)
        data = spec_path.read_bytes()
        if b"\r\n" in data:
            text = text.replace("\n", "\r\n")
        write_whole(spec_path, "\ufeff" * data.startswith(BOM_UTF8) + text)
        for fix in applied:
            name, line, column = fix.span.location()
            print(f"{name}:{line}:{column}: fixed: {fix.title}", file=sys.stderr)
