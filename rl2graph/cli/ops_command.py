"""`rl2graph ops`: the op table, or what an op takes and gives."""

from __future__ import annotations

import argparse
import sys
import textwrap
from shutil import get_terminal_size
from typing import Any

from rl2graph.cli.common import EXIT_USAGE, print_json
from rl2graph.cli.user_ops import add_ops_option
from rl2graph.diagnostics import did_you_mean
from rl2graph.ir.build import KINDS, LIST
from rl2graph.ir.op import Attribute, Effect, Op, Required
from rl2graph.ir.signatures import shown_value, signature
from rl2graph.ir.table import OPS, families

MAX_WIDTH = 110
MIN_WIDTH = 20
COLUMN = 40  # of what an op gives, beside its signature
LEAST = 20  # columns for prose, however narrow the terminal is
NARROW = 100  # columns, below which that stands below it

_KINDS = {int: "int", float: "float", bool: "bool", str: "str", LIST: "list[int]"}

_EFFECTS = {
    Effect.RANDOM: "random: it is given noise, and deterministic without it",
    Effect.TRAINING: "statistics that move in training",
    Effect.COLLECTING: "statistics that move once per collected step",
}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("ops", help="list the ops", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help="an op; none lists them all")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_ops_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    written = {name: op for name, op in OPS.items() if op.written}
    unknown = [name for name in args.names if name not in written]
    if unknown:
        for name in unknown:
            hint = did_you_mean(name, written) or "`rl2graph ops` lists them"
            print(f"rl2graph ops: unknown op `{name}`; {hint}", file=sys.stderr)
        return EXIT_USAGE
    chosen = [written[name] for name in args.names] or list(written.values())
    if args.json:
        print_json({"schema": 1, "ops": [_entry(op) for op in chosen]})
    elif args.names:
        print("\n\n".join("\n".join(_described(op)) for op in chosen))
    else:
        print("\n".join(_listed()))
    return 0


def _listed() -> list[str]:
    """Every op by family, with the first words of what it gives; in a narrow terminal, all of them below."""
    width = max(MIN_WIDTH, min(get_terminal_size((MAX_WIDTH, 24)).columns, MAX_WIDTH))
    lines: list[str] = []
    for family, ops in families().items():
        lines += ["", family] if lines else [family]
        for op in ops:
            text = f"  {signature(op)}"
            if width < NARROW:
                lines += [text, *_wrapped(op.doc, width, "      ")]
                continue
            said = textwrap.shorten(op.doc, width - COLUMN - 2, placeholder=" …")
            beside = len(text) <= COLUMN
            lines += [f"{text:<{COLUMN}}  {said}"] if beside else [text, f"{'':<{COLUMN}}  {said}"]
    return lines


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(text, max(width, LEAST), initial_indent=indent, subsequent_indent=indent)


def _described(op: Op) -> list[str]:
    """What there is to say of one op."""
    width = max(MIN_WIDTH, min(get_terminal_size((MAX_WIDTH, 24)).columns, MAX_WIDTH))
    lines = [signature(op), *_wrapped(op.doc, width - 2, "  ")]
    lines += [f"  {name}: a tensor, which may be left out" for name in op.optional]
    lines += [f"  {attribute.name}: {_argument(attribute)}" for attribute in op.attributes]
    if op.constants:
        lines.append("  numbers may stand beside a tensor")
    if op.has_weights:
        lines.append("  it owns weights: each call new ones, unless it stands in a module")
    if op.has_state:
        lines.append("  it carries state from step to step")
    if op.effect in _EFFECTS:
        lines.append(f"  {_EFFECTS[op.effect]}")
    return lines


def _argument(attribute: Attribute) -> str:
    parts = [KINDS.get(attribute.kind, "a value")]
    if attribute.choices:
        parts = [" or ".join(f'"{choice}"' for choice in attribute.choices)]
    if attribute.minimum is not None:
        parts.append(f"at least {attribute.minimum:g}")
    if attribute.maximum is not None:
        parts.append(f"at most {attribute.maximum:g}")
    if attribute.action is not None:
        parts.append("of the action space where left out")
    elif attribute.default is None:
        parts.append("may be left out")
    elif not isinstance(attribute.default, Required):
        parts.append(f"{shown_value(attribute.default)} where left out")
    return ", ".join(parts)


def _entry(op: Op) -> dict[str, Any]:
    return {
        "name": op.name,
        "signature": signature(op),
        "doc": op.doc,
        "family": next(family for family, ops in families().items() if op in ops),
        "operands": list(op.operands),
        "optional_operands": list(op.optional),
        "variadic": op.variadic,
        "attributes": [
            {
                "name": attribute.name,
                "kind": _KINDS[attribute.kind],
                "required": isinstance(attribute.default, Required) and attribute.action is None,
                "default": None if isinstance(attribute.default, Required) else _plain(attribute.default),
                "minimum": attribute.minimum,
                "maximum": attribute.maximum,
                "choices": list(attribute.choices),
                "from_action_space": attribute.action,
            }
            for attribute in op.attributes
        ],
        "weights": op.has_weights,
        "state": op.has_state,
        "effect": op.effect.value,
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
