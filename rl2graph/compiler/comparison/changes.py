"""How nodes of one graph differ from those of another that they became."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rl2graph.compiler.comparison.alignment import names_of
from rl2graph.ir.bits import value_bits
from rl2graph.ir.canonical.numbering import functions
from rl2graph.ir.canonical.pairing import Pairing
from rl2graph.ir.canonical.writing import told_apart
from rl2graph.ir.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is `before` in A and `after` in B.

    `what` is an attribute's name, `type`, `reads`, `weights`, `version`, `state`, `effect`, `parameters`,
    `FLOPs` or `output`.
    """

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what} {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A node of A, the node of B that it became, and how that differs."""

    a: int
    b: int
    changes: tuple[Change, ...]


def owners_of(a: Graph, b: Graph, pairs: Pairing[int]) -> Pairing[str]:
    """Owners that became each other, by the first of their nodes."""
    owners: Pairing[str] = Pairing()
    for at in sorted(pairs.forward.items()):
        one, other = a.nodes[at[0]], b.nodes[at[1]]
        if one.owner is not None and other.owner is not None:
            owners.join(one.owner, other.owner, at)
    return owners


class Changes:
    """Two graphs whose nodes and owners are paired."""

    def __init__(self, a: Graph, b: Graph, nodes: Pairing[int], owners: Pairing[str]) -> None:
        self.a, self.b, self.nodes, self.owners = a, b, nodes, owners
        self._names = names_of(a), names_of(b)
        self._costs = node_costs(a), node_costs(b)
        self._functions = functions(a), functions(b)

    def all(self, but: frozenset[int]) -> Iterator[Changed]:
        """The pairs that differ, in the order of B; those of the nodes `but` of A are known not to."""
        for index, twin in sorted(self.nodes.forward.items(), key=lambda pair: pair[1]):
            changes = () if index in but else tuple(self._of(index, twin))
            if changes:
                yield Changed(index, twin, changes)

    def _of(self, index: int, twin: int) -> Iterator[Change]:
        one, other = self._functions[0][index], self._functions[1][twin]
        for before, after in zip(one.attributes, other.attributes, strict=True):
            if value_bits(before[1]) != value_bits(after[1]):
                yield Change(before[0], *told_apart(before[1], after[1]))
        yield from self._reads(one, other)
        if one.owner is not None and other.owner is not None and not self.owners.has(one.owner, other.owner):
            yield Change("weights", one.owner, other.owner)
        if one.version != other.version:
            yield Change("version", one.version, other.version)
        if one.slot != other.slot and one.spec.has_state:
            yield Change("state", str(one.slot), str(other.slot))
        if (one.evaluation is None) != (other.evaluation is None):
            yield Change("effect", *("off" if node.evaluation is None else "on" for node in (one, other)))
        if one.type != other.type and one.op != "input":  # whose attributes have said so
            yield Change("type", str(one.type), str(other.type))
        yield from self._cost(index, twin)

    def _cost(self, index: int, twin: int) -> Iterator[Change]:
        counts = zip(("parameters", "FLOPs"), self._costs[0][index], self._costs[1][twin], strict=True)
        for what, before, after in counts:
            if before != after and before is not None and after is not None:
                yield Change(what, f"{before:,}", f"{after:,}")

    def _reads(self, one: Node, other: Node) -> Iterator[Change]:
        """Operands that are not each other's; all of them where their numbers differ."""
        if len(one.operands) != len(other.operands):
            before, after = (
                ", ".join([names[operand] for operand in node.operands])
                for names, node in zip(self._names, (one, other), strict=True)
            )
            yield Change("reads", before, after)
            return
        for operand, twin in zip(one.operands, other.operands, strict=True):
            if not self.nodes.has(operand, twin):
                yield self.of_value("reads", operand, twin)

    def of_value(self, what: str, index: int, twin: int) -> Change:
        """A value in another's place, by their names; with their ops, where the names are one."""
        before, after = self._names[0][index], self._names[1][twin]
        if before == after:
            before += f" ({self.a.nodes[index].op})"
            after += f" ({self.b.nodes[twin].op})"
        return Change(what, before, after)


def node_costs(graph: Graph) -> list[tuple[int | None, int | None]]:
    """Parameters and FLOPs per sample of each node: an owner's parameters stand at its first node; None where
    there is none, or where shapes are not known.
    """
    known = graph.known
    counted: set[str] = set()
    costs: list[tuple[int | None, int | None]] = []
    for node in graph.nodes:
        parameters = flops = None
        if known and node.owner is not None and node.owner not in counted:
            parameters = graph.owner[node.owner].size
            counted.add(node.owner)
        if known and node.op not in ("input", "constant"):
            flops = node.spec.flops(graph.operand_types(node), node.values, node.type)
        costs.append((parameters, flops))
    return costs
