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
from rl2graph.cli.mending import mended
from rl2graph.cli.spec_files import spec_files
from rl2graph.cli.user_ops import load_user_ops
from rl2graph.compiler.check import check
from rl2graph.compiler.spec import Spec, load
from rl2graph.contracts import contract_of
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.diagnostics.formats import Found, to_github, to_sarif
from rl2graph.diagnostics.render import summary, to_json

FORMATS = ("full", "concise", "json", "sarif", "github")
FOR_PROGRAMS = ("json", "sarif", "github")
MAX_POINTERS = 3  # to pages of the manual, below the findings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("check", help="find every mistake in a spec", description=__doc__)
    add_spec_options(parser, many=True)
    parser.add_argument("--format", choices=FORMATS, default="full")
    parser.add_argument("--fix", action="store_true", help="apply the fixes that need no thought")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        load_user_ops(args)
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

    def findings(spec: Spec) -> tuple[Diagnostic, ...]:
        try:
            return check(spec, interface, args.algo, parameters).diagnostics
        except DiagnosticError as error:
            return error.diagnostics

    found: list[Found] = []
    for path in spec_files(args.spec):
        try:
            spec = load(path, limits)
        except DiagnosticError as error:
            found += [(path, diagnostic) for diagnostic in error.diagnostics]
            continue
        if args.fix:
            spec = _fixed(path, spec, findings)
        found += [(path, diagnostic) for diagnostic in findings(spec)]
    return found


def _fixed(path: str, spec: Spec, findings: Callable[[Spec], Sequence[Diagnostic]]) -> Spec:
    """The spec after its fixes, which are written to its file where there are any."""
    fixed, fixes = mended(spec, findings)
    if fixes:
        data = Path(path).read_bytes()
        text = fixed.text.replace("\n", "\r\n") if b"\r\n" in data else fixed.text
        write_whole(Path(path), "\ufeff" * data.startswith(BOM_UTF8) + text)
    for fix in fixes:
        name, line, column = fix.span.location()
        print(f"{name}:{line}:{column}: fixed: {fix.title}", file=sys.stderr)
    return fixed
