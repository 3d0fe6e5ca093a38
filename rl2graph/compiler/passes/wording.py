"""Remarks in words."""

from __future__ import annotations

from rl2graph.compiler.passes.base import Remark
from rl2graph.compiler.passes.canonicalise import canonical_attributes
from rl2graph.ir.bits import value_bits
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import STATISTICS
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.signatures import shown_value


def worded(graph: Graph, remark: Remark) -> str:
    """A remark of a pass that was given `graph`, as one line."""
    *_, index = remark.nodes
    node = graph.nodes[index]
    match remark.kind:
        case "merged":
            return f"{shown(graph, index)} is {shown(graph, remark.nodes[0])}: the same {_what(node)}"
        case "kept apart":
            one, other = remark.nodes
            alike = f"{shown(graph, one)} and {shown(graph, other)} look alike"
            return f"{alike}, but {why_apart(graph.nodes[one], graph.nodes[other])}"
        case "inlined":
            return f"{shown(graph, index)} is {shown(graph, remark.nodes[0])}: {node.op} passes it on"
        case "folded":
            why = "applied twice is applied once" if node.spec.idempotent else "by this number changes no bit"
            return f"{shown(graph, index)} is {shown(graph, remark.nodes[0])}: {node.op} {why}"
        case "rewritten":
            return f"{shown(graph, index)}: {_respelt(graph, node)}"
        case "pruned":
            count = len(remark.nodes)
            return f"{count} node{'s' if count > 1 else ''} that no output reads"


def why_apart(one: Node, other: Node) -> str:
    """Why two nodes over the same operands, or the same in another order, are two computations."""
    if one.op != other.op:
        return f"one is `{one.op}`, the other `{other.op}`"
    if len(one.operands) != len(other.operands):
        return f"one has {len(one.operands)} operands, the other {len(other.operands)}"
    for (name, value), (_, their) in zip(one.attributes, other.attributes, strict=True):
        if value_bits(value) != value_bits(their):
            return f"`{name}` is {shown_value(value)} in one, {shown_value(their)} in the other"
    if one.owner != other.owner:
        return f"{one.owner} and {other.owner} own weights of their own"
    if one.version != other.version:
        return f"versions {one.version} and {other.version} of {one.owner} are two sets of weights"
    if one.evaluation != other.evaluation:
        return f"they are two evaluations of `{one.op}`, {_of_each(one)}"
    if one.slot != other.slot:
        return f"each has a state of its own, {one.slot} and {other.slot}"
    by_law = ", and merging never goes by commutativity" if one.spec.commutative else ""
    return f"their operands are in another order{by_law}"


def _of_each(node: Node) -> str:
    if node.spec.effect in STATISTICS:
        return f"each of which moves the statistics of {node.owner}"
    return "each with noise of its own"


def shown(graph: Graph, index: int) -> str:
    """A node by its value's name, its number and its line."""
    place = graph.where(index)
    if not isinstance(place, Provenance):
        return f"%{index}"
    line = "" if place.span is None else f", line {place.span.location()[1]}"
    return f"{place.name} (%{index}{line})"


def _what(node: Node) -> str:
    return f"{node.op} with the weights of {node.owner}" if node.owner else node.op


def _respelt(graph: Graph, node: Node) -> str:
    changed = [
        f"{name}={shown_value(value)} is {name}={shown_value(canonical)}"
        for (name, value), (_, canonical) in zip(
            node.attributes, canonical_attributes(graph, node), strict=True
        )
        if value != canonical
    ]
    return ", ".join(changed)
