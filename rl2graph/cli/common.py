"""What the commands share: options for specs and spaces, printing, writing files whole."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import fields, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import IO, Any

from rl2graph.cli.user_ops import add_ops_option
from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.check import check
from rl2graph.compiler.comparison.spec_pairs import SpecPair, SpecSource, analyse_pair
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.files.overrides import constant_from
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import Limits, limits_from
from rl2graph.compiler.spec import load
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.diagnostics.render import render_concise, render_full
from rl2graph.ir.graph import Graph

EXIT_ERRORS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class UsageError(DiagnosticError):
    """A finding about the command line itself: exit status 2."""


def add_spec_options(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """SPEC, the spaces, parameters and the algorithm."""
    parser.add_argument("spec", metavar="SPEC", nargs="+" if many else None, help="an .rl2 file")
    parser.add_argument("--algo", metavar="NAME", help="hold the spec against this algorithm's contract")
    _add_space_options(parser)


def add_pair_options(parser: argparse.ArgumentParser) -> None:
    """Two specs, A and B, the spaces and parameters; what is wrong with either makes the exit status 2."""
    parser.add_argument("a", metavar="A", help="an .rl2 file")
    parser.add_argument("b", metavar="B", help="another")
    _add_space_options(parser)
    parser.set_defaults(error_status=EXIT_USAGE)


def _add_space_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", metavar="ID", help="take the spaces of this gymnasium environment")
    parser.add_argument(
        "--obs", metavar="TYPE", help="observation space, such as 'f32[4]' or 'image[4, 84, 84]'"
    )
    parser.add_argument("--act", metavar="TYPE", help="action space, such as 'discrete[6]' or 'box[3]'")
    parser.add_argument(
        "--agents", metavar="NAMES", help="the agents that `joint` is over, such as 'red,blue', in order"
    )
    parser.add_argument(
        "--param", metavar="NAME=VALUE", action="append", default=[], help="set a parameter of the spec"
    )
    add_ops_option(parser)
    parser.add_argument(
        "--limit",
        metavar="NAME=NUMBER",
        action="append",
        default=[],
        help=f"raise a limit: {', '.join(field.name for field in fields(Limits))}",
    )


def natural(text: str) -> int:
    """A whole number of 0 or more, for argparse."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def interface_of(args: argparse.Namespace) -> Interface:
    """The spaces, and the agents that have them, that the options name.

    Raises:
        DiagnosticError: a type that is none, an environment that cannot be made.
    """
    if args.env is None:
        agents = _agents(args.agents)
        try:
            return replace(Interface.of_texts(args.obs, args.act), agents=agents)
        except DiagnosticError as error:
            raise UsageError(error.diagnostics) from None
    if args.obs is not None or args.act is not None:
        raise UsageError.of("RLG503", "--env gives the spaces; --obs and --act go without it")
    if args.agents is not None:
        raise UsageError.of("RLG503", "--env has one agent; --agents goes with --obs and --act")
    from rl2graph.environments import spaces_of

    return Interface(*spaces_of(args.env), groups=())


def _agents(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise UsageError.of("RLG503", f"--agents {text} is not names, each another, with commas between them")
    return names


def limits_of(args: argparse.Namespace) -> Limits:
    """The limits that `--limit` gives."""
    try:
        return limits_from(args.limit)
    except DiagnosticError as error:
        raise UsageError(error.diagnostics) from None


def parameters_of(args: argparse.Namespace) -> dict[str, Constant]:
    """The values that `--param` gives."""
    given: dict[str, Constant] = {}
    for item in args.param:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise UsageError.of("RLG211", f"--param {item} is not of the form NAME=VALUE")
        name = name.strip()
        if name in given:
            raise UsageError.of("RLG211", f"--param {name} is given twice")
        given[name] = constant_from(text.strip())
    return given


def checked(args: argparse.Namespace) -> tuple[Analysis, Graph]:
    """The spec that the options name, and its literal graph; findings that are no errors go to stderr.

    Raises:
        DiagnosticError: with every finding, where one is an error.
    """
    analysis = check(load(args.spec, limits_of(args)), interface_of(args), args.algo, parameters_of(args))
    if not analysis.ok:
        raise DiagnosticError(analysis.diagnostics)
    print_diagnostics(analysis.diagnostics, sys.stderr)
    assert analysis.graph is not None
    return analysis, analysis.graph


def checked_pair(args: argparse.Namespace) -> SpecPair:
    """The two specs that the options name, and their literal graphs; what is no error is left to `check`.

    Raises:
        DiagnosticError: with every finding about a spec that has an error.
    """
    limits = limits_of(args)
    one, other = (SpecSource(partial(load, path, limits)) for path in (args.a, args.b))
    return analyse_pair(one, other, interface_of(args), parameters_of(args))


def print_diagnostics(diagnostics: Iterable[Diagnostic], stream: IO[str], style: str = "full") -> None:
    """Findings as text."""
    for diagnostic in diagnostics:
        print(render_concise(diagnostic) if style == "concise" else render_full(diagnostic), file=stream)


def print_json(data: dict[str, Any]) -> None:
    """A JSON document on stdout; numbers that JSON cannot hold become strings."""
    print(json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False))


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return str(data) if isinstance(data, float) and not isfinite(data) else data


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old text or the new, never a part.

    Raises:
        DiagnosticError: RLG609.
    """
    path = path.resolve()  # a link stays a link
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".rl2graph.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else _new_file_mode())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DiagnosticError.of("RLG609", f"cannot write {path}: {error.strerror or error}") from None


def _new_file_mode() -> int:
    """The permissions that a new file gets from the process's umask."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def node_json(
    graph: Graph, index: int, value: str, parameters: int | None, flops: int | None
) -> dict[str, Any]:
    """A node as JSON documents have it; `value` is what it is called."""
    node = graph.nodes[index]
    return {
        "id": index,
        "value": value,
        "op": node.op,
        "attributes": {k: v for k, v in node.attributes if node.op != "input"},
        "operands": list(node.operands),
        "type": str(node.type),
        "owner": node.owner,
        "parameters": parameters,
        "flops": flops,
    }
