"""Deduplication: one evaluation for each computation (global value numbering by hash-consing).

Two nodes are one computation where op, attributes (by type and bits), operands in order (after merging),
weight owner and version are equal and the op is pure. Nothing is compared by looks: two owners are two
networks, whatever their shapes.
"""

from __future__ import annotations

from typing import Any

from rl2graph.compiler.passes.base import Pass, Remark
from rl2graph.ir.graph import Graph, Node, attribute_bits, computation, gather


def dedup(graph: Graph) -> tuple[Graph, tuple[Remark, ...]]:
    """The graph in which no two nodes are one computation, and what merged or only looked alike."""
    first: dict[tuple[Any, ...], int] = {}
    lookalikes: dict[tuple[Any, ...], int] = {}
    stands_for: list[int] = []
    merged: dict[int, int] = {}
    remarks: list[Remark] = []
    for index, node in enumerate(graph.nodes):
        operands = tuple(stands_for[operand] for operand in node.operands)
        original = first.setdefault(computation(node, operands), index)
        stands_for.append(original)
        if original != index:
            merged[index] = original
            remarks.append(_merged(graph, original, index))
        elif node.owner is not None:
            shape = (node.op, operands, attribute_bits(node.attributes))
            twin = lookalikes.setdefault(shape, index)
            if twin != index:
                remarks.append(_kept_apart(graph, twin, index))
    keep = [index for index in range(len(graph.nodes)) if index not in merged]
    return gather(graph, keep, merged), tuple(remarks)


def _merged(graph: Graph, original: int, index: int) -> Remark:
    text = f"{_name(graph, index)} is {_name(graph, original)}: the same {_shown(graph.nodes[index])}"
    return Remark("merged", text, (original, index))


def _kept_apart(graph: Graph, twin: int, index: int) -> Remark:
    one, other = graph.nodes[twin], graph.nodes[index]
    if one.owner == other.owner:
        reason = f"versions {one.version} and {other.version} of {one.owner} are two sets of weights"
    else:
        reason = f"{one.owner} and {other.owner} own weights of their own"
    text = f"{_name(graph, twin)} and {_name(graph, index)} look alike, but {reason}"
    return Remark("kept apart", text, (twin, index))


def _shown(node: Node) -> str:
    return f"{node.op} with the weights of {node.owner}" if node.owner else node.op


def _name(graph: Graph, index: int) -> str:
    place = graph.where(index)
    return f"%{index}" if place is None else f"{place.name} (%{index})"


DEDUP = Pass("dedup", "bitwise", dedup)
