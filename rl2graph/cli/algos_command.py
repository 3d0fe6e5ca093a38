"""`rl2graph algos`: the algorithms, or the settings of one of them."""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import asdict
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from rl2graph.cli.common import EXIT_USAGE, print_json
from rl2graph.cli.user_ops import add_ops_option
from rl2graph.contracts import CONTRACTS, Contract
from rl2graph.diagnostics import did_you_mean

if TYPE_CHECKING:
    from rl2graph.agents.settings import Setting

_WIDTH, _NARROW = 110, 36  # columns at most, and columns that prose takes at least


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("algos", help="list the algorithms and their settings", description=__doc__)
    parser.add_argument("name", metavar="NAME", nargs="?", help="an algorithm; without it, all are listed")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_ops_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.name is None:
        if args.json:
            print_json({"schema": 1, "algorithms": [_entry(contract) for contract in CONTRACTS.values()]})
        else:
            print("\n\n".join("\n".join(_about(contract)) for contract in CONTRACTS.values()))
        return 0
    contract = CONTRACTS.get(args.name.lower())
    if contract is None:
        hint = did_you_mean(args.name.lower(), CONTRACTS) or "`rl2graph algos` lists them"
        print(f"rl2graph algos: unknown algorithm `{args.name}`; {hint}", file=sys.stderr)
        return EXIT_USAGE
    settings = _settings(contract)  # these alone need torch
    if args.json:
        listed = [{**asdict(setting), "range": setting.range} for setting in settings]
        print_json({"schema": 1, "algorithms": [_entry(contract) | {"settings": listed}]})
    else:
        print("\n".join([*_about(contract), "", *_described(contract, settings)]))
    return 0


def _settings(contract: Contract) -> list[Setting]:
    from rl2graph.agents.algorithms import algorithm_named
    from rl2graph.agents.settings import settings_of

    return settings_of(algorithm_named(contract.algorithm).config_type)


def _entry(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.algorithm,
        "title": contract.title,
        "paper": contract.paper,
        "roles": list(contract.roles),
        "actions": list(contract.actions),
        "inputs": list(contract.inputs),
        "effects": list(contract.effects),
    }


def _about(contract: Contract) -> list[str]:
    lines = [
        f"{contract.algorithm}: {contract.title}",
        f"  {contract.paper}",
        f"  outputs   {', '.join(contract.roles)}",
        f"  actions   {', '.join(contract.actions)}",
    ]
    if contract.inputs:
        lines.append(f"  losses may read obs, {', '.join(contract.inputs)}")
    return lines


def _described(contract: Contract, settings: list[Setting]) -> list[str]:
    """A line for each setting, in columns; what it is goes below where the terminal is narrow."""
    width = min(get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
    rows = [(f"{contract.algorithm}.{s.name}", s.shown_default, s.range, s.doc) for s in settings]
    rows.insert(0, ("setting", "default", "values", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    room = sum(widths) + 6
    lines = []
    for *cells, doc in rows:
        line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        if room + _NARROW <= width:
            first, *more = textwrap.wrap(doc, width - room) or [""]
            lines += [f"{line}  {first}".rstrip(), *(" " * room + rest for rest in more)]
        else:
            below = textwrap.wrap(doc, max(width - 4, _NARROW))
            lines += [line.rstrip(), *(f"    {rest}" for rest in below)]
    return lines
