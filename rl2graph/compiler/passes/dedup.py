"""Deduplication: one evaluation for each computation (global value numbering by hash-consing).

Two nodes are one computation where op, attributes (by type and bits), operands in order (after merging),
weight owner, version, call site and slot are equal. Nothing is compared by looks: two owners are two
networks, whatever their shapes.
"""

from __future__ import annotations

from typing import Any

from rl2graph.compiler.passes.base import Pass, Remark, Rewrite, replaced
from rl2graph.ir.graph import Graph, Node, attribute_key, computation


def dedup(graph: Graph) -> Rewrite:
    """The graph in which no two nodes are one computation, and what merged or only looked alike."""
    first: dict[tuple[Any, ...], int] = {}
    lookalikes: dict[tuple[Any, ...], int] = {}
    stands_for: list[int] = []
    merged: dict[int, int] = {}
    remarks: list[Remark] = []
    for index, node in enumerate(graph.nodes):
        operands = node.operands
        if merged:  # until then each node stands for itself
            operands = tuple([stands_for[operand] for operand in operands])
        original = first.setdefault(computation(node, operands), index)
        stands_for.append(original)
        if original != index:
            merged[index] = original
            remarks.append(Remark("merged", (original, index)))
        elif _could_be_taken_for_another(node):
            twin = lookalikes.setdefault(_looks(node, operands), index)
            if twin != index:
                remarks.append(Remark("kept apart", (twin, index)))
    return replaced(graph, merged, remarks)


def _could_be_taken_for_another(node: Node) -> bool:
    return (
        node.owner is not None
        or node.evaluation is not None
        or node.slot is not None
        or node.spec.commutative
        or node.op == "constant"
    )


def _looks(node: Node, operands: tuple[int, ...]) -> tuple[Any, ...]:
    """What a reader might go by: not whose weights, which call site, which order, or a zero's sign."""
    if node.op == "constant":
        return node.op, node.attributes
    if node.spec.commutative:
        return node.op, tuple(sorted(operands))
    return node.op, operands, attribute_key(node.attributes)


DEDUP = Pass("dedup", "bitwise", dedup)
