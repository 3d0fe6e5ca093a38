"""The passes of each optimisation level, run with the graph verified before and after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rl2graph.collector import collector_paused
from rl2graph.compiler.passes.base import GONE, Keeps, Kind, Pass, Remark
from rl2graph.compiler.passes.canonicalise import CANONICALISE
from rl2graph.compiler.passes.dedup import DEDUP
from rl2graph.compiler.passes.fold import FOLD
from rl2graph.compiler.passes.inline import INLINE
from rl2graph.compiler.passes.prune import PRUNE
from rl2graph.compiler.passes.wording import worded
from rl2graph.ir.graph import Graph
from rl2graph.ir.verify import verify

LEVELS: dict[int, tuple[Pass, ...]] = {0: (), 1: (INLINE, CANONICALISE, FOLD, DEDUP, PRUNE)}
"""`-O0` runs what was written; `-O1` computes each thing once, without changing a bit of a value.

What precedes `dedup` makes equal computations look equal, so that it finds all of them in one sweep.
"""


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass did: the graphs before and after it, its remarks, and where each node went."""

    name: str
    keeps: Keeps
    before: Graph
    after: Graph
    remarks: tuple[Remark, ...]
    number: Sequence[int]

    def worded(self, *kinds: Kind) -> tuple[str, ...]:
        """The remarks of some kinds, of all where none is named, one line each."""
        wanted = [remark for remark in self.remarks if not kinds or remark.kind in kinds]
        return tuple(worded(self.before, remark) for remark in wanted)


def optimise(graph: Graph, level: int, origin: str = "lowering") -> tuple[Graph, tuple[PassReport, ...]]:
    """The graph after the passes of `level`, and what each did.

    Raises:
        ValueError: a level that this release does not have.
        DiagnosticError: RLG701 naming the pass that broke the graph.
    """
    if level not in LEVELS:
        raise ValueError(f"optimisation level {level} is not one of {sorted(LEVELS)}")
    return run_passes(graph, LEVELS[level], origin)


@collector_paused()
def run_passes(
    graph: Graph, passes: Sequence[Pass], origin: str = "lowering"
) -> tuple[Graph, tuple[PassReport, ...]]:
    """The graph after `passes` in order; each is verified."""
    verify(graph, origin)
    reports = []
    for step in passes:
        after, remarks, number = step.run(graph)
        if after is not graph:
            verify(after, step.name)
        reports.append(PassReport(step.name, step.keeps, graph, after, remarks, number))
        graph = after
    return graph, tuple(reports)


def landing(reports: Sequence[PassReport], node: int) -> int:
    """Where a node of the graph before the first pass ended: its number after the last, or GONE."""
    for report in reports:
        if node == GONE:
            break
        node = report.number[node]
    return node
