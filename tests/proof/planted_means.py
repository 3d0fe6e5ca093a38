"""Putting a mistake into the compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from rl2graph.compiler.passes.base import Remark, Rewrite, replaced
from rl2graph.compiler.pipeline import LEVELS
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.table import OPS


def near_graphs(plant: Any) -> Any:
    """Marks a fault that shows in graphs, and need not be run."""
    plant.near = "graphs"
    return plant


def near_runs(plant: Any) -> Any:
    """Marks a fault that shows where a spec is run."""
    plant.near = "runs"
    return plant


def near_entries(plant: Any) -> Any:
    """Marks a fault that shows where entry points are composed."""
    plant.near = "entries"
    return plant


def in_place_of(patch: pytest.MonkeyPatch, name: str, run: Callable[[Graph], Rewrite]) -> None:
    """Run something else in place of a pass, under its name."""
    passes = tuple(replace(step, run=run) if step.name == name else step for step in LEVELS[1])
    patch.setitem(LEVELS, 1, passes)


def before(patch: pytest.MonkeyPatch, name: str, change: Callable[[Graph], Graph]) -> None:
    """Let a pass change something more: `change` keeps the number of nodes."""
    (step,) = (step for step in LEVELS[1] if step.name == name)
    in_place_of(patch, name, lambda graph: step.run(change(graph)))


def also(patch: pytest.MonkeyPatch, name: str, gives: Callable[[Graph], Mapping[int, int]]) -> None:
    """Let a pass replace more nodes, first: `gives` maps them to what stands for them."""
    (step,) = (step for step in LEVELS[1] if step.name == name)
    kind: Any = {"inline": "inlined", "fold": "folded"}[name]

    def run(graph: Graph) -> Rewrite:
        gone = gives(graph)
        middle = replaced(graph, gone, [Remark(kind, (stand_in, old)) for old, stand_in in gone.items()])
        origin = {place: old for old, place in reversed(list(enumerate(middle.number)))}
        after, remarks, number = step.run(middle.graph)
        told = tuple(Remark(r.kind, tuple(origin[node] for node in r.nodes)) for r in remarks)
        return Rewrite(after, middle.remarks + told, [number[place] for place in middle.number])

    in_place_of(patch, name, run)


def claiming(patch: pytest.MonkeyPatch, op: str, **claims: Any) -> None:
    """Let an op's entry claim something else."""
    patch.setitem(OPS, op, replace(OPS[op], **claims))


def each_node(change: Callable[[Graph, int, Node], Node]) -> Callable[[Graph], Graph]:
    """The graph with each node changed, given what the nodes before it became."""

    def changed(graph: Graph) -> Graph:
        nodes = list(graph.nodes)
        for index, node in enumerate(graph.nodes):
            nodes[index] = change(replace(graph, nodes=tuple(nodes)), index, node)
        return replace(graph, nodes=tuple(nodes))

    return changed


def with_attributes(node: Node, **given: Any) -> Node:
    """The node with some attributes at other values."""
    return replace(node, attributes=tuple((name, given.get(name, value)) for name, value in node.attributes))
