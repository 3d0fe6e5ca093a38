"""Pruning: only what some output depends on. Owners stay, so that keys are the same at every level."""

from __future__ import annotations

from rl2graph.compiler.passes.base import GONE, Pass, Remark, Rewrite, unchanged
from rl2graph.ir.graph import Graph, gather


def prune(graph: Graph) -> Rewrite:
    """The graph without the nodes that no output depends on."""
    live = graph.live()
    dead = tuple([index for index, alive in enumerate(live) if not alive])
    if not dead:
        return unchanged(graph)
    keep = [index for index, alive in enumerate(live) if alive]
    number = [GONE] * len(graph.nodes)
    for new, old in enumerate(keep):
        number[old] = new
    return Rewrite(gather(graph, keep), (Remark("pruned", dead),), number)


PRUNE = Pass("prune", "bitwise", prune)
