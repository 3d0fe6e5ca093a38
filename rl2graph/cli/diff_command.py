"""`rl2graph diff`: the nodes that one spec has and another has not, and those that differ."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from rl2graph.cli.common import EXIT_ERRORS, add_pair_options, checked_pair, node_json, print_json
from rl2graph.compiler.comparison.alignment import name_of, names_of
from rl2graph.compiler.comparison.changes import Change, Changed, node_costs
from rl2graph.compiler.comparison.difference import Difference, difference
from rl2graph.compiler.report import Cost, cost
from rl2graph.diagnostics import Span
from rl2graph.diagnostics.render import place
from rl2graph.ir.graph import Graph
from rl2graph.ir.provenance import Provenance
from rl2graph.viz.labels import call, counted, output_label

Row = tuple[str, ...]
"""Of one node: `-`, `+` or `~`, file and line, name, op, type, and what else is to be said of it."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "diff",
        help="list what differs between two specs",
        description=f"{__doc__} Exit status: 0 nothing differs, 1 something does, 2 an error in either.",
    )
    add_pair_options(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    pair = checked_pair(args)
    found = difference(pair.a, pair.b)
    if args.json:
        print_json(_json(args, found))
    elif found:
        print("\n".join([f"--- {args.a}", f"+++ {args.b}", *_text(found)]))
    else:
        print(f"nothing differs between {args.a} and {args.b}")
    return EXIT_ERRORS if found else 0


class _Side:
    """One of the two graphs, and what there is to be said of its nodes."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.names, self.costs = graph, names_of(graph), node_costs(graph)

    def row(self, sign: str, index: int) -> Row:
        node = self.graph.nodes[index]
        parameters, flops = self.costs[index]
        costs = [counted(parameters, "parameter")] if parameters else []
        costs += [counted(flops, "FLOP")] if flops else []
        span = self._span(index)
        line = "" if span is None else ":".join(map(str, span.location()[:2]))
        return sign, line, self.names[index], call(node), str(node.type), ", ".join(costs)

    def json(self, index: int) -> dict[str, Any]:
        parameters, flops = self.costs[index]
        shown = node_json(self.graph, index, name_of(self.graph, index), parameters, flops)
        return {**shown, "place": place(self._span(index))}

    def _span(self, index: int) -> Span | None:
        where = self.graph.where(index)
        return where.span if isinstance(where, Provenance) else None


def _text(found: Difference) -> Iterator[str]:
    yield from _aligned(list(_rows(found)))
    for output in found.outputs_removed:
        yield f"- {output_label(output)}"
    for output in found.outputs_added:
        yield f"+ {output_label(output)}"
    for name, change in found.outputs_changed.items():
        yield f"~ output {name}: {change.before} -> {change.after}"
    for one, other in found.renamed.items():
        yield f"~ owner {one} -> {other}"
    for text in (*found.training, *found.other):
        yield f"~ {text}"
    yield _totals(cost(found.a), cost(found.b))


def _rows(found: Difference) -> Iterator[Row]:
    """Nodes in the order of B; what was removed stands before what came in its place."""
    a, b = _Side(found.a), _Side(found.b)
    removed, added = deque(found.removed), deque(found.added)
    changed = {change.b: change for change in found.changed}
    ends = len(found.a.nodes), len(found.b.nodes)
    for index, twin in [*sorted(found.pairs.items(), key=itemgetter(1)), ends]:
        while removed and removed[0] < index:
            yield a.row("-", removed.popleft())
        while added and added[0] < twin:
            yield b.row("+", added.popleft())
        if twin in changed:
            yield _changed(b.row("~", twin), changed[twin])


def _changed(row: Row, changed: Changed) -> Row:
    """The row of a node as it is in B, with what it was in A."""
    *cells, type_, _ = row
    types = [f"{change.before} -> {change.after}" for change in changed.changes if change.what == "type"]
    others = "; ".join([str(change) for change in changed.changes if change.what != "type"])
    return (*cells, types[0] if types else type_, others)


def _aligned(rows: list[Row]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"{cells[0]} {'  '.join(cells[1:])}".rstrip()


def _totals(one: Cost, other: Cost) -> str:
    counts = (
        ("evaluations", one.evaluations, other.evaluations),
        ("parameters", one.parameters, other.parameters),
        ("FLOPs/sample", one.flops, other.flops),
    )
    return ", ".join(
        f"{what} {before:,}" if before == after else f"{what} {before:,} -> {after:,}"
        for what, before, after in counts
        if before is not None and after is not None
    )


def _json(args: argparse.Namespace, found: Difference) -> dict[str, Any]:
    a, b = _Side(found.a), _Side(found.b)
    one, other = cost(found.a), cost(found.b)
    return {
        "schema": 1,
        "a": args.a,
        "b": args.b,
        "same": not found,
        "removed": [a.json(index) for index in found.removed],
        "added": [b.json(index) for index in found.added],
        "changed": [
            {
                "a": a.json(changed.a),
                "b": b.json(changed.b),
                "changes": [_json_change(change) for change in changed.changes],
            }
            for changed in found.changed
        ],
        "outputs": {
            "removed": [{"name": output.name, "role": output.role} for output in found.outputs_removed],
            "added": [{"name": output.name, "role": output.role} for output in found.outputs_added],
            "changed": [{"name": n, **_json_change(change)} for n, change in found.outputs_changed.items()],
        },
        "owners": dict(found.renamed),
        "training": list(found.training),
        "other": list(found.other),
        "evaluations": {"a": one.evaluations, "b": other.evaluations},
        "parameters": {"a": one.parameters, "b": other.parameters},
        "flops": {"a": one.flops, "b": other.flops},
    }


def _json_change(change: Change) -> dict[str, str]:
    return {"what": change.what, "before": change.before, "after": change.after}
