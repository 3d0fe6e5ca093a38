"""What stands side by side: the graph as written, the graph deduplicated, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rl2graph.compiler.report import Cost, cost
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
    written, remaining = cost(before), cost(after)
    nothing = ", nothing to merge" if written.evaluations == remaining.evaluations else ""
    first = Panel(
        "before",
        before,
        shared_before,
        f"as written: {counted(written.evaluations, 'evaluation')}",
        _summary(written),
    )
    second = Panel(
        "after",
        after,
        shared_after,
        f"deduplicated: {counted(remaining.evaluations, 'evaluation')}{nothing}",
        _summary(remaining),
    )
    return {"before": (first,), "after": (second,), "both": (first, second)}[view]


def _summary(spent: Cost) -> str:
    if spent.flops is None or spent.parameters is None:
        return "sizes unknown without the spaces"
    return f"{counted(spent.parameters, 'param')}, {flops(spent.flops)} per sample"
