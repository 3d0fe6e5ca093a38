"""`rl2graph equiv`: whether two specs are one function, and where they part if they are not."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from rl2graph.cli.common import EXIT_ERRORS, add_pair_options, checked_pair, print_json
from rl2graph.compiler.comparison.equivalence import Comparison, compare
from rl2graph.diagnostics import Label
from rl2graph.diagnostics.render import frame, place
from rl2graph.ir.graph import Graph


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "equiv",
        help="say whether two specs are one function",
        description=f"{__doc__} Exit status: 0 the same, 1 not the same, 2 an error in either.",
    )
    add_pair_options(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    found = compare(*checked_pair(args))
    if args.json:
        print_json(_json(args, found))
    else:
        print("\n".join(_same(args, found) if found else _different(args, found)))
    return 0 if found else EXIT_ERRORS


def _same(args: argparse.Namespace, found: Comparison) -> Iterator[str]:
    what = "the same function, trained alike" if found.same_training else "the same function"
    yield f"{args.a} and {args.b} are {what}"
    renamed = {one: other for one, other in found.owners.items() if one != other}
    for one, other in renamed.items():
        yield f"  {one} = {other}"
    for text in found.training:
        yield f"  training differs: {text}"
    if renamed:
        yield "  training differs: initial values are drawn by path, and paths differ"


def _different(args: argparse.Namespace, found: Comparison) -> Iterator[str]:
    yield f"not the same function: {found.reason}"
    one, other = found.places
    yield from _shown("A", args.a, found.a, one)
    yield from _shown("B", args.b, found.b, other)


def _shown(side: str, path: str, graph: Graph, labels: tuple[Label, ...]) -> Iterator[str]:
    """The lines of one spec that the difference is about; its outputs, where it lacks one."""
    if not labels:
        names = ", ".join(output.name for output in graph.outputs)
        yield f"{path}: {side} has {names}"
        return
    first, *others = labels
    name, line, column = first.span.location()
    yield f"{name}:{line}:{column}: {side}"
    yield from frame(first, *(label for label in others if label.span != first.span))


def _json(args: argparse.Namespace, found: Comparison) -> dict[str, Any]:
    one, other = found.places
    digests = zip(found.function_digests, found.training_digests, strict=True)
    a, b = ({"function": function, "training": training} for function, training in digests)
    return {
        "schema": 1,
        "a": args.a,
        "b": args.b,
        "same": bool(found),
        "same_training": found.same_training,
        "reason": found.reason,
        "places": {"a": _places(one), "b": _places(other)},
        "owners": dict(found.owners),
        "training": list(found.training),
        "digests": {"a": a, "b": b},
    }


def _places(labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    return [{"place": place(label.span), "text": label.text} for label in labels]
