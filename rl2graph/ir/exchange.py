"""Graphs in networkx's form, for analysis, drawing and graphs that users build themselves.

Nodes carry `op`, `attributes` (a dict), `type`, `owner`, `version`, `evaluation`, `slot`; an edge goes from
an operand to its user, its key the operand's place, so that `concat(x, x)` has both its edges. The graph's
own attributes are `outputs` and `owners`. A graph built by hand may leave out all but `op` and, for an
output, a list of `(name, role, node)`: types are inferred, an op with weights, state or noise has them under
its node's name, and any hashable names a node.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import networkx

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import ONLINE, Graph, Node, Output, Owner
from rl2graph.ir.op import Effect, TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.verify import verify


def to_networkx(graph: Graph) -> networkx.MultiDiGraph:
    """The graph as a `networkx.MultiDiGraph` whose nodes are the ids."""
    result = networkx.MultiDiGraph(outputs=graph.outputs, owners=graph.owners)
    for index, node in enumerate(graph.nodes):
        result.add_node(
            index,
            op=node.op,
            attributes=dict(node.attributes),
            type=node.type,
            owner=node.owner,
            version=node.version,
            evaluation=node.evaluation,
            slot=node.slot,
            provenance=graph.where(index),
        )
    for index, node in enumerate(graph.nodes):
        for place, operand in enumerate(node.operands):
            result.add_edge(operand, index, key=place)
    return result


def from_networkx(graph: networkx.MultiDiGraph) -> Graph:
    """The inverse of `to_networkx`; fills in what a graph built by hand leaves out.

    Raises:
        DiagnosticError: RLG702 where the graph is none of ours, RLG701 where it breaks an invariant.
    """
    order = _topological(graph)
    number = {name: index for index, name in enumerate(order)}
    nodes: list[Node] = []
    owners: dict[str, Owner] = {owner.path: owner for owner in graph.graph.get("owners", ())}
    for name in order:
        node = _node(graph, name, number, nodes)
        nodes.append(node)
        _own(node, nodes, owners)
    outputs = tuple(_output(item, number) for item in graph.graph.get("outputs", ()))
    provenance = tuple(graph.nodes[name].get("provenance") for name in order)
    if all(place is None for place in provenance):
        provenance = ()
    result = Graph(tuple(nodes), outputs, tuple(owners.values()), provenance)
    verify(result, "from_networkx")
    return result


def _topological(graph: networkx.MultiDiGraph) -> list[Hashable]:
    if not isinstance(graph, networkx.MultiDiGraph):
        raise _refuse("a networkx.MultiDiGraph is needed: a DiGraph loses the second edge of concat(x, x)")
    names = list(graph.nodes)
    place = {name: index for index, name in enumerate(names)}
    if all(place[user] > place[operand] for operand, user in graph.edges()):
        return names
    try:
        return list(networkx.lexicographical_topological_sort(graph, key=place.__getitem__))
    except networkx.NetworkXUnfeasible:
        raise _refuse("the graph has a cycle") from None


def _node(
    graph: networkx.MultiDiGraph, name: Hashable, number: dict[Hashable, int], nodes: list[Node]
) -> Node:
    data = graph.nodes[name]
    op = OPS.get(data.get("op", ""))
    if op is None:
        raise _refuse(f"node {name!r} has op {data.get('op')!r}, which the op table does not know")
    edges = sorted((key, operand) for operand, _, key in graph.in_edges(name, keys=True))
    if [key for key, _ in edges] != list(range(len(edges))):
        raise _refuse(f"the edges into node {name!r} must have the keys 0 to {len(edges) - 1}")
    operands = tuple(number[operand] for _, operand in edges)
    types = tuple(nodes[operand].type for operand in operands)
    try:
        attributes = coerce_attributes(op, data.get("attributes", {}))
        type_ = data.get("type") or op.infer(types, dict(attributes))
    except (TypeProblem, ValueError, IndexError) as problem:
        raise _refuse(f"node {name!r}: {problem}") from None
    owner = data.get("owner")
    if owner is None and op.has_weights:
        owner = name if isinstance(name, str) else f"{op.name}_{number[name]}"
    evaluation = data.get("evaluation")
    if evaluation is None and op.effect is not Effect.PURE and "evaluation" not in data:
        evaluation = number[name]
    slot = data.get("slot")
    if slot is None and op.slotted and (op.effect is Effect.PURE or evaluation is not None):
        slot = owner or (name if isinstance(name, str) else f"{op.name}_{number[name]}")
    version = data.get("version", ONLINE)
    return Node(op.name, operands, attributes, type_, owner, version, evaluation, slot)


def _own(node: Node, nodes: list[Node], owners: dict[str, Owner]) -> None:
    if node.owner is not None and node.owner not in owners:
        types = tuple(nodes[operand].type for operand in node.operands)
        owners[node.owner] = Owner(node.owner, node.op, node.spec.weights(types, node.values))


def _output(item: Any, number: dict[Hashable, int]) -> Output:
    name, role, node = (item.name, item.role, item.node) if isinstance(item, Output) else item
    if node not in number:
        raise _refuse(f"output {name!r} names node {node!r}, which the graph does not have")
    return Output(name, role, number[node])


def _refuse(message: str) -> DiagnosticError:
    return DiagnosticError.of("RLG702", message)
