"""Graphs as JSON, for tools that draw in their own way."""

from __future__ import annotations

import json
from typing import Any

from rl2graph.compiler.report import cost
from rl2graph.ir.dims import Dim
from rl2graph.ir.graph import Node
from rl2graph.ir.op import Value
from rl2graph.ir.types import TensorType
from rl2graph.viz.panels import Panel
from rl2graph.viz.sharing import node_name

SCHEMA = 1


def write(panels: tuple[Panel, ...], title: str) -> str:
    """An object with `schema`, `title` and, under `graphs`, `before` or `after` or both."""
    graphs = {panel.phase: _graph(panel) for panel in panels}
    result = {"schema": SCHEMA, "title": title, "graphs": graphs}
    return json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _graph(panel: Panel) -> dict[str, Any]:
    graph = panel.graph
    return {
        "evaluations": cost(graph).evaluations,
        "nodes": [_node(panel, index, node) for index, node in enumerate(graph.nodes)],
        "outputs": [{"name": o.name, "role": o.role, "node": o.node} for o in graph.outputs],
        "owners": [
            {"path": owner.path, "weights": {w.name: list(map(_dim, w.shape)) for w in owner.weights}}
            for owner in graph.owners
        ],
    }


def _node(panel: Panel, index: int, node: Node) -> dict[str, Any]:
    attributes = {name: _attribute(value) for name, value in node.attributes}
    return {
        "id": index,
        "name": node_name(panel.graph, index),
        "op": node.op,
        "attributes": attributes,
        "operands": list(node.operands),
        "type": _type(node.type),
        "owner": node.owner,
        "version": node.version,
        "written": panel.sharing.written[index],
        "first": panel.sharing.first[index],
    }


def _attribute(value: Value) -> Any:
    """An attribute as JSON, which has no infinities and no symbols."""
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else _dim(item) for item in value]
    return str(value) if isinstance(value, float) and abs(value) == float("inf") else value


def _type(type_: TensorType) -> dict[str, Any]:
    return {"dtype": type_.dtype, "shape": None if type_.shape is None else list(map(_dim, type_.shape))}


def _dim(dim: Dim) -> int | str:
    """A number, or the text of a symbol."""
    return dim if isinstance(dim, int) else str(dim)
