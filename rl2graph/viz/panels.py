"""What stands side by side: the graph as written, the graph deduplicated, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rl2graph.ir.graph import Graph
from rl2graph.viz.labels import counted, flops
from rl2graph.viz.sharing import Sharing, share

View = Literal["before", "after", "both"]

Phase = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph, what is known of its sharing, and what stands above it."""

    phase: Phase
    graph: Graph
    sharing: Sharing
    heading: str
    summary: str


def panels(before: Graph, after: Graph, view: View) -> tuple[Panel, ...]:
    """The panels of a view, in reading order."""
    shared_before, shared_after = share(before, after)
    written, remaining = evaluations(before), evaluations(after)
    nothing = ", nothing to merge" if written == remaining else ""
    first = Panel(
        "before", before, shared_before, f"as written: {counted(written, 'evaluation')}", _summary(before)
    )
    second = Panel(
        "after",
        after,
        shared_after,
        f"deduplicated: {counted(remaining, 'evaluation')}{nothing}",
        _summary(after),
    )
    return {"before": (first,), "after": (second,), "both": (first, second)}[view]


def evaluations(graph: Graph) -> int:
    """How many things the graph computes; inputs and numbers are given, not computed."""
    return sum(node.op not in ("input", "constant") for node in graph.nodes)


def _summary(graph: Graph) -> str:
    if not graph.known:
        return "sizes unknown without the spaces"
    work = sum(node.spec.flops(graph.operand_types(node), node.values, node.type) for node in graph.nodes)
    weights = sum(owner.size for owner in graph.owners)
    return f"{counted(weights, 'param')}, {flops(work)} per sample"
