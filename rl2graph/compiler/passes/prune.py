"""Pruning: only what some output depends on. Owners stay, so that keys are the same at every level."""

from __future__ import annotations

from rl2graph.compiler.passes.base import Pass, Remark
from rl2graph.ir.graph import Graph, gather


def prune(graph: Graph) -> tuple[Graph, tuple[Remark, ...]]:
    """The graph without the nodes that no output depends on."""
    live = graph.live()
    dead = tuple(index for index, alive in enumerate(live) if not alive)
    if not dead:
        return graph, ()
    text = f"{len(dead)} node{'s' if len(dead) > 1 else ''} that no output reads"
    keep = [index for index, alive in enumerate(live) if alive]
    return gather(graph, keep), (Remark("pruned", text, dead),)


PRUNE = Pass("prune", "bitwise", prune)
