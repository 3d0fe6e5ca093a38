"""The passes of each optimisation level, run with the graph verified before and after each."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.compiler.passes.base import Pass, Remark
from rl2graph.compiler.passes.dedup import DEDUP
from rl2graph.compiler.passes.prune import PRUNE
from rl2graph.ir.graph import Graph
from rl2graph.ir.verify import verify

LEVELS: dict[int, tuple[Pass, ...]] = {0: (), 1: (DEDUP, PRUNE)}
"""`-O0` runs what was written; `-O1` computes each thing once, without changing a bit of a value."""


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass did to the number of nodes, and its remarks."""

    name: str
    keeps: str
    nodes_before: int
    nodes_after: int
    remarks: tuple[Remark, ...]


def optimise(graph: Graph, level: int, origin: str = "lowering") -> tuple[Graph, tuple[PassReport, ...]]:
    """The graph after the passes of `level`, and what each did.

    Raises:
        ValueError: a level that this release does not have.
        DiagnosticError: RLG701 naming the pass that broke the graph.
    """
    if level not in LEVELS:
        raise ValueError(f"optimisation level {level} is not one of {sorted(LEVELS)}")
    return run_passes(graph, LEVELS[level], origin)


def run_passes(
    graph: Graph, passes: tuple[Pass, ...], origin: str = "lowering"
) -> tuple[Graph, tuple[PassReport, ...]]:
    """The graph after `passes` in order; each is verified."""
    verify(graph, origin)
    reports = []
    for step in passes:
        before = len(graph.nodes)
        graph, remarks = step.run(graph)
        verify(graph, step.name)
        reports.append(PassReport(step.name, step.keeps, before, len(graph.nodes), remarks))
    return graph, tuple(reports)
