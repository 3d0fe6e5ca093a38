"""Canonical attributes: one spelling for all that mean the same, so that equal computations look equal."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.passes.base import Pass, Remark, Rewrite, unchanged
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import AttributeItems, as_given


def canonicalise(graph: Graph) -> Rewrite:
    """The graph with each node's attributes in the spelling that its op's entry calls canonical."""
    rewritten: dict[int, Node] = {}
    for index, node in enumerate(graph.nodes):
        if node.spec.canonical is not as_given:
            attributes = canonical_attributes(graph, node)
            if attributes != node.attributes:
                rewritten[index] = replace(node, attributes=attributes)
    if not rewritten:
        return unchanged(graph)
    nodes = tuple(rewritten.get(index, node) for index, node in enumerate(graph.nodes))
    remarks = tuple(Remark("rewritten", (index,)) for index in rewritten)
    after = Graph(nodes, graph.outputs, graph.owners, graph.provenance)
    return Rewrite(after, remarks, range(len(nodes)))


def canonical_attributes(graph: Graph, node: Node) -> AttributeItems:
    """A node's attributes in their canonical spelling; as they are where an operand's rank is not known."""
    types = graph.operand_types(node)
    if not all(type_.ranked for type_ in types):
        return node.attributes
    given = node.spec.canonical(types, node.values, node.type)
    return tuple((name, given[name]) for name, _ in node.attributes)


CANONICALISE = Pass("canonicalise", "bitwise", canonicalise)
