"""`rl2graph specs`: the specs that ship with rl2graph, or the text of one of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any

from rl2graph.cli.common import EXIT_USAGE, print_json
from rl2graph.diagnostics import did_you_mean
from rl2graph.zoo import ZooSpec, zoo

_HEADINGS = ("name", "trained by", "parameters", "spaces")
_GAP, _INDENT = "  ", "    "
_NARROW = 40  # columns that a title takes at least
_ENDLESS = 1_000_000  # the width of what is no terminal: one line for each spec


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("specs", help="list the specs that ship, print one", description=__doc__)
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="a spec to print, such as dqn_nature; without it, all are listed",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    specs = {spec.name: spec for spec in zoo()}
    if args.name is not None and args.name not in specs:
        hint = did_you_mean(args.name, specs) or "`rl2graph specs` lists them"
        print(f"rl2graph specs: unknown spec `{args.name}`; {hint}", file=sys.stderr)
        return EXIT_USAGE
    if args.json:
        listed = [_entry(spec) for spec in specs.values()]
        if args.name is not None:
            listed = [_entry(specs[args.name]) | {"text": specs[args.name].text}]
        print_json({"schema": 1, "specs": listed})
    elif args.name is not None:
        print(specs[args.name].text, end="")
    else:
        print("\n".join(_listed(list(specs.values()), get_terminal_size((_ENDLESS, 24)).columns)))
    return 0


def _entry(spec: ZooSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "paper": spec.paper,
        "notes": spec.notes,
        "observation": spec.observation,
        "action": spec.action,
        "parameters": spec.parameters,
        "algorithm": spec.algorithm(),
        "algorithms": spec.algorithms,
    }


def _listed(specs: Sequence[ZooSpec], width: int) -> list[str]:
    """A table with one line for each spec; where that does not fit, the title goes below its line."""
    rows = [_HEADINGS, *(_cells(spec) for spec in specs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [
        _GAP.join((name.ljust(widths[0]), algorithms.ljust(widths[1]), parameters.rjust(widths[2]), spaces))
        for name, algorithms, parameters, spaces in rows
    ]
    room = sum(widths) + len(_GAP) * len(_HEADINGS)
    titles = ["title", *(spec.title for spec in specs)]
    if room + max(map(len, titles)) <= width:
        return [f"{line.ljust(room)}{title}" for line, title in zip(lines, titles, strict=True)]
    rest = ["", *(_below(spec.title, width) for spec in specs)]
    return [line + below for line, below in zip(lines, rest, strict=True)]


def _below(title: str, width: int) -> str:
    lines = wrap(title, max(width, _NARROW), initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "".join(f"\n{line}" for line in lines)


def _cells(spec: ZooSpec) -> tuple[str, str, str, str]:
    count = "symbolic" if spec.parameters is None else f"{spec.parameters:,}"
    return spec.name, ", ".join(spec.algorithms) or "-", count, f"{spec.observation} -> {spec.action}"
