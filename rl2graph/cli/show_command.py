"""`rl2graph show`: the graph as a table."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from rl2graph.cli.common import add_spec_options, checked, node_json, print_json
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.report import cost
from rl2graph.ir.dims import Dim
from rl2graph.ir.graph import Graph
from rl2graph.ir.op import Noise, State
from rl2graph.ir.slots import noise_schema, state_schema, statistics_of
from rl2graph.ir.types import f32
from rl2graph.viz.labels import call, output_label

_HEADINGS = ("", "value", "op", "operands", "type", "owner", "parameters", "FLOPs")
_RIGHT = {"", "parameters", "FLOPs"}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("show", help="list nodes, shapes, parameters and costs", description=__doc__)
    add_spec_options(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    _, literal = checked(args)
    graph, _ = optimise(literal, 1)
    rows = _rows(graph)
    before, after = cost(literal), cost(graph)
    outputs = [
        {"name": o.name, "role": o.role, "node": o.node, "type": str(graph.nodes[o.node].type)}
        for o in graph.outputs
    ]
    if args.json:
        print_json(
            {
                "schema": 1,
                "spec": args.spec,
                "nodes": rows,
                "outputs": outputs,
                "owners": [
                    {
                        "path": owner.path,
                        "weights": {w.name: [_json_dim(dim) for dim in w.shape] for w in owner.weights},
                        "frozen": owner.frozen,
                        "learning_rate": owner.learning_rate,
                        "load": None if owner.load is None else [owner.load.file, owner.load.key],
                    }
                    for owner in graph.owners
                ],
                "state": _tensors(state_schema(graph)),
                "noise": _tensors(noise_schema(graph)),
                "statistics": list(statistics_of(graph)),
                "evaluations": {"before": before.evaluations, "after": after.evaluations},
                "flops": after.flops,
                "parameters": after.parameters,
            }
        )
        return 0
    print(_table(graph, rows))
    print()
    for output in graph.outputs:
        print(f"{output_label(output)}: %{output.node} {graph.nodes[output.node].type}")
    for line in _carried(graph):
        print(line)
    evaluations = f"{after.evaluations} evaluations"
    if before.evaluations != after.evaluations:
        evaluations += f" ({before.evaluations} as written)"
    known = after.flops is not None and after.parameters is not None
    totals = f", {after.parameters:,} parameters, {after.flops:,} FLOPs/sample" if known else ""
    print(evaluations + totals)
    return 0


def _carried(graph: Graph) -> Iterator[str]:
    """Lines about state, noise and statistics."""
    for what, schema in (("state", state_schema(graph)), ("noise", noise_schema(graph))):
        for name, tensor in schema.items():
            yield f"{what} {name}: {f32(*tensor.shape)}"
    for key in statistics_of(graph):
        yield f"statistics {key}"


def _tensors(schema: Mapping[str, State] | Mapping[str, Noise]) -> dict[str, list[int | str]]:
    return {name: [_json_dim(dim) for dim in tensor.shape] for name, tensor in schema.items()}


def _json_dim(dim: Dim) -> int | str:
    """A dim as JSON: a number, or the text of a symbol."""
    return dim if isinstance(dim, int) else str(dim)


def _rows(graph: Graph) -> list[dict[str, Any]]:
    rows = []
    counted: set[str] = set()
    known = graph.known
    for index, node in enumerate(graph.nodes):
        place = graph.where(index)
        parameters: int | None = None
        if node.owner is not None and known:
            parameters = 0 if node.owner in counted else graph.owner[node.owner].size
            counted.add(node.owner)
        flops = None
        if known and node.op not in ("input", "constant"):
            flops = node.spec.flops(graph.operand_types(node), node.values, node.type)
        rows.append(node_json(graph, index, place.name if place else "", parameters, flops))
    return rows


def _table(graph: Graph, rows: list[dict[str, Any]]) -> str:
    cells = [list(_HEADINGS)]
    for node, row in zip(graph.nodes, rows, strict=True):
        cells.append(
            [
                f"%{row['id']}",
                row["value"],
                call(node),
                " ".join(f"%{operand}" for operand in row["operands"]),
                row["type"],
                row["owner"] or "",
                "" if row["parameters"] is None else f"{row['parameters']:,}",
                "" if not row["flops"] else f"{row['flops']:,}",
            ]
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if heading in _RIGHT else cell.ljust(width)
            for cell, width, heading in zip(line, widths, _HEADINGS, strict=True)
        ).rstrip()
        for line in cells
    )
