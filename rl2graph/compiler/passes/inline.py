"""Inlining: what an evaluation merely passes on is read from where it comes from.

Calls of modules and macros are expanded before the first pass; what is left to inline are evaluations that
give their operand itself, such as `flatten` of a vector, or `dropout` in an entry without noise.
"""

from __future__ import annotations

from rl2graph.compiler.passes.base import Pass, Remark, Rewrite, replaced
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import never


def inline(graph: Graph) -> Rewrite:
    """The graph without the nodes that give their first operand, values and gradients alike."""
    source: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.spec.passes_on is not never and _passes_on(graph, node):
            operand = node.operands[0]
            source[index] = source.get(operand, operand)
    remarks = [Remark("inlined", (operand, index)) for index, operand in source.items()]
    return replaced(graph, source, remarks)


def _passes_on(graph: Graph, node: Node) -> bool:
    types = graph.operand_types(node)
    if node.evaluation is not None or node.slot is not None or not all(type_.ranked for type_ in types):
        return False
    return node.spec.passes_on(types, node.values, node.type)


INLINE = Pass("inline", "bitwise", inline)
