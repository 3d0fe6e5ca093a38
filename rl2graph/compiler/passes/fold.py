"""Folding: arithmetic that changes no bit is left out.

A number is neutral as the op table says: `x * 1.0`, `x / 1.0`, `x - 0.0`, `x + -0.0`; never `x + 0.0`, which
makes `0.0` of `-0.0`, nor `x * 0.0`, which is NaN where x is. An idempotent op is applied once:
`relu(relu(x))`.
"""

from __future__ import annotations

import struct

from rl2graph.compiler.passes.base import Pass, Remark, Rewrite, replaced
from rl2graph.ir.graph import Graph, Node, attribute_key


def fold(graph: Graph) -> Rewrite:
    """The graph without the nodes that give one of their operands, whatever it is."""
    source: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        spec = node.spec
        if not (spec.neutral or spec.idempotent) or not spec.is_plain:
            continue
        operands = tuple(source.get(operand, operand) for operand in node.operands)
        kept = (
            _beside_neutral(graph, node, operands) if spec.neutral else _applied_before(graph, node, operands)
        )
        if kept is not None:
            source[index] = kept
    remarks = [Remark("folded", (operand, index)) for index, operand in source.items()]
    return replaced(graph, source, remarks)


def _beside_neutral(graph: Graph, node: Node, operands: tuple[int, ...]) -> int | None:
    """The other operand, where one is a neutral number."""
    for place, number in node.spec.neutral.items():
        operand = graph.nodes[operands[place]]
        if operand.op == "constant" and _bits(operand.values["value"]) == _bits(number):
            return operands[1 - place]
    return None


def _applied_before(graph: Graph, node: Node, operands: tuple[int, ...]) -> int | None:
    """The operand, where it is a value of the same op with the same attributes."""
    operand = graph.nodes[operands[0]]
    same = operand.op == node.op and attribute_key(operand.attributes) == attribute_key(node.attributes)
    return operands[0] if same else None


def _bits(value: object) -> bytes:
    assert isinstance(value, float)
    return struct.pack("<d", value)


FOLD = Pass("fold", "bitwise", fold)
