"""Computations of a graph by number, for what asks which nodes are one."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from rl2graph.ir.graph import Graph, Node, computation

Key = Callable[[Node, tuple[int, ...]], Hashable]


def numbered(graph: Graph, key: Key = computation) -> list[int]:
    """For each node the first that is the same computation, by hash-consing over ordered operands.

    `key` says what a node computes from operands with these numbers.
    """
    first: dict[Hashable, int] = {}
    numbers: list[int] = []
    for index, node in enumerate(graph.nodes):
        operands = tuple([numbers[operand] for operand in node.operands])
        numbers.append(first.setdefault(key(node, operands), index))
    return numbers
