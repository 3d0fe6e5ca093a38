"""What a pass is, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rl2graph.ir.graph import Graph, gather

Keeps = Literal["bitwise", "numeric", "eval-only"]

Kind = Literal["inlined", "rewritten", "folded", "merged", "kept apart", "pruned"]

GONE = -1
"""In place of the number of a node that a pass took away."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a pass did, or why it did not (`kept apart`).

    `nodes` are ids in the graph that the pass was given: of what it took away, after what stands for it.
    """

    kind: Kind
    nodes: tuple[int, ...]


class Rewrite(NamedTuple):
    """What a pass makes of a graph.

    `number` has, for each node of the graph that the pass was given, the node of `graph` that has its value,
    or GONE.
    """

    graph: Graph
    remarks: tuple[Remark, ...]
    number: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pass:
    """A rewrite of graphs.

    `keeps` is its promise: *bitwise*, forward values and buffers bit for bit and gradients equal in exact
    arithmetic; *numeric*, equal up to rounding; *eval-only*, equal where nothing is trained.
    """

    name: str
    keeps: Keeps
    run: Callable[[Graph], Rewrite]


def unchanged(graph: Graph) -> Rewrite:
    """What a pass gives that found nothing to do."""
    return Rewrite(graph, (), range(len(graph.nodes)))


def replaced(graph: Graph, stand_ins: Mapping[int, int], remarks: Sequence[Remark]) -> Rewrite:
    """The graph without the keys of `stand_ins`, whose users read the value instead, a node that is kept."""
    if not stand_ins:
        return Rewrite(graph, tuple(remarks), range(len(graph.nodes)))
    keep = [index for index in range(len(graph.nodes)) if index not in stand_ins]
    number = [GONE] * len(graph.nodes)
    for new, old in enumerate(keep):
        number[old] = new
    for old, stand_in in stand_ins.items():
        number[old] = number[stand_in]
    return Rewrite(gather(graph, keep, stand_ins), tuple(remarks), number)
