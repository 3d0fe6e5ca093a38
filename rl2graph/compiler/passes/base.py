"""What a pass is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rl2graph.ir.graph import Graph

Keeps = Literal["bitwise", "numeric", "eval-only"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a pass did (`merged`, `pruned`), or why it did not (`kept apart`).

    `nodes` are ids in the graph that the pass was given.
    """

    kind: Literal["merged", "pruned", "kept apart"]
    text: str
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """A rewrite of graphs.

    `keeps` is its promise: *bitwise*, forward values and buffers bit for bit and gradients equal in exact
    arithmetic; *numeric*, equal up to rounding; *eval-only*, equal where nothing is trained.
    """

    name: str
    keeps: Keeps
    run: Callable[[Graph], tuple[Graph, tuple[Remark, ...]]]
