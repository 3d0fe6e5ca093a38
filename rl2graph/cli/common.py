"""What the commands share: options for specs and spaces, printing, writing files whole."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load
from rl2graph.compiler.type_names import space_from_text
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.diagnostics.render import render_concise, render_full
from rl2graph.ir.graph import Graph

EXIT_ERRORS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def add_spec_options(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """SPEC, the spaces, parameters and the algorithm."""
    parser.add_argument("spec", metavar="SPEC", nargs="+" if many else None, help="an .rl2 file")
    parser.add_argument("--env", metavar="ID", help="take the spaces of this gymnasium environment")
    parser.add_argument(
        "--obs", metavar="TYPE", help="observation space, such as 'f32[4]' or 'image[4, 84, 84]'"
    )
    parser.add_argument("--act", metavar="TYPE", help="action space, such as 'discrete[6]' or 'box[3]'")
    parser.add_argument(
        "--param", metavar="NAME=VALUE", action="append", default=[], help="set a parameter of the spec"
    )
    parser.add_argument("--algo", metavar="NAME", help="hold the spec against this algorithm's contract")


def interface_of(args: argparse.Namespace) -> Interface:
    """The spaces that the options name.

    Raises:
        DiagnosticError: a type that is none, an environment that cannot be made.
    """
    if args.env is None:
        return Interface(
            space_from_text(args.obs, "--obs") if args.obs else None,
            space_from_text(args.act, "--act") if args.act else None,
        )
    if args.obs or args.act:
        raise DiagnosticError.of("RLG503", "--env gives the spaces; --obs and --act go without it")
    from rl2graph.environments import spaces_of

    return Interface(*spaces_of(args.env))


def parameters_of(args: argparse.Namespace) -> dict[str, int | float | bool | str]:
    """The values that `--param` gives."""
    given: dict[str, int | float | bool | str] = {}
    for item in args.param:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise DiagnosticError.of("RLG211", f"--param {item} is not of the form NAME=VALUE")
        given[name.strip()] = _constant(text.strip())
    return given


def checked_graph(args: argparse.Namespace) -> Graph:
    """The literal graph of the spec that the options name; findings that are no errors go to stderr.

    Raises:
        DiagnosticError: with every finding, where one is an error.
    """
    analysis = check(load(args.spec), interface_of(args), args.algo, parameters_of(args))
    if not analysis.ok:
        raise DiagnosticError(analysis.diagnostics)
    print_diagnostics(analysis.diagnostics, sys.stderr)
    assert analysis.graph is not None
    return analysis.graph


def print_diagnostics(diagnostics: Iterable[Diagnostic], stream: IO[str], style: str = "full") -> None:
    """Findings as text."""
    for diagnostic in diagnostics:
        print(render_concise(diagnostic) if style == "concise" else render_full(diagnostic), file=stream)


def print_json(data: dict[str, Any]) -> None:
    """A JSON document on stdout."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old text or the new, never a part.

    Raises:
        DiagnosticError: RLG609.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DiagnosticError.of("RLG609", f"cannot write {path}: {error.strerror or error}") from None


def _constant(text: str) -> int | float | bool | str:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip('"')
