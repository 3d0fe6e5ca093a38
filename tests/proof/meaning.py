"""Which nodes are one computation: the design's section 2.3 by plain comparison, pair by pair.

Nothing here hashes a node or reads a key of the compiler's: classes of nodes that may be one are split until
no two of a class differ.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rl2graph.ir.graph import Graph, Node
from tests.proof import laws


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the nodes of a graph come to under some laws.

    Attributes:
        stands: for each node, the node whose value it gives: itself, where no law passes it over.
        classes: for each node, the first node of the computation that it is.
        live: for each node, whether an output needs its computation.
        spelt: the nodes with their attributes in one spelling, where a law makes them one.
    """

    stands: list[int]
    classes: list[int]
    live: list[bool]
    spelt: list[Node]


def meaning(graph: Graph, under: Collection[str]) -> Meaning:
    """What the nodes of a graph with known shapes come to under these laws."""
    nodes = [laws.spelt(graph, node) for node in graph.nodes] if laws.SPELLING in under else [*graph.nodes]
    stands = _passed_over(graph, under)
    operands = [[stands[operand] for operand in node.operands] for node in nodes]
    if laws.MERGING in under:
        own = _classes(nodes, operands, [index for index, stand in enumerate(stands) if stand == index])
        classes = [own[stand] for stand in stands]
    else:
        classes = [*stands]
    live = [True] * len(nodes)
    if laws.DROPPING in under:
        needed = _needed(graph, operands, classes, stands)
        live = [needed[number] for number in classes]
    return Meaning(stands, classes, live, nodes)


def _passed_over(graph: Graph, under: Collection[str]) -> list[int]:
    stands: list[int] = []
    for index, node in enumerate(graph.nodes):
        operands = [stands[operand] for operand in node.operands]
        stand: int | None = None
        if laws.PASSING in under and laws.passes_on(graph, node):
            stand = operands[0]
        elif laws.FOLDING in under:
            stand = laws.folds_to(graph, node, operands)
        stands.append(index if stand is None else stand)
    return stands


def may_be_one(one: Node, other: Node) -> bool:
    """Whether two nodes are one computation where their operands are."""
    return (
        one.op == other.op
        and one.evaluation is None
        and other.evaluation is None
        and one.owner == other.owner
        and one.version == other.version
        and one.slot == other.slot
        and len(one.operands) == len(other.operands)
        and laws.same_attributes(one, other)
    )


def _classes(nodes: list[Node], operands: list[list[int]], among: list[int]) -> list[int]:
    """The coarsest classes in which nodes that look alike have operands of the same classes, in order."""
    classes = [*range(len(nodes))]
    firsts: dict[str, list[int]] = {}
    for index in among:
        known = firsts.setdefault(nodes[index].op, [])
        for first in known:
            if may_be_one(nodes[first], nodes[index]):
                classes[index] = first
                break
        else:
            known.append(index)
    changed = True
    while changed:
        changed = False
        members: dict[int, list[int]] = {}
        for index in among:
            read = [classes[operand] for operand in operands[index]]
            before = classes[index]
            known = members.setdefault(before, [])
            for first in known:
                if read == [classes[operand] for operand in operands[first]]:
                    classes[index] = classes[first]
                    break
            else:
                known.append(index)
                classes[index] = index
            changed = changed or classes[index] != before
    return classes


def _needed(graph: Graph, operands: list[list[int]], classes: list[int], stands: list[int]) -> list[bool]:
    """Which classes some output needs, by their first nodes."""
    needed = [False] * len(classes)
    waiting = [classes[output.node] for output in graph.outputs]
    while waiting:
        number = waiting.pop()
        if not needed[number]:
            needed[number] = True
            waiting += [classes[operand] for operand in operands[number]]
    return needed
