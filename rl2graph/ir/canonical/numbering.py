"""A graph as comparisons see it: one node for each computation, outputs by what they are for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rl2graph.ir.graph import Graph, Node, Output
from rl2graph.ir.numbering import numbered
from rl2graph.ir.slots import moves_statistics
from rl2graph.ir.table import OPS

OutputKey = tuple[str, str]
"""The role of an output, and its name where that tells it apart; roles of a group of agents have its name."""


@dataclass(frozen=True, slots=True)
class View:
    """A graph in which every computation goes by its first node.

    Attributes:
        nodes: those of the graph, without attributes that only say how weights start.
        operands: for each node, the first nodes of the computations that it reads.
        outputs: the outputs by their keys, in the order of those; `roots` has the nodes for them.
    """

    graph: Graph
    nodes: list[Node]
    operands: list[tuple[int, ...]]
    outputs: Mapping[OutputKey, Output]
    roots: Mapping[OutputKey, int]

    def node(self, index: int) -> Node:
        return self.nodes[index]

    def order(self) -> list[int]:
        """The computations that outputs depend on, operands before users, in the order of outputs and of
        operands: names, and the order in which a graph was made, play no part in it.
        """
        order: list[int] = []
        seen = bytearray(len(self.graph.nodes))
        for root in self.roots.values():
            stack = [root]
            while stack:
                index = stack[-1]
                waiting = [operand for operand in self.operands[index] if not seen[operand]]
                if waiting:
                    stack += reversed(waiting)
                    continue
                stack.pop()
                if not seen[index]:
                    seen[index] = True
                    order.append(index)
        return order


Views = tuple[View, View]
"""Two graphs, A and B."""

At = tuple[int, int]
"""A node of each."""


def view(graph: Graph) -> View:
    """The graph with its computations numbered, by hash-consing over ordered operands."""
    number = numbered(graph)
    operands = [tuple([number[operand] for operand in node.operands]) for node in graph.nodes]
    outputs = dict(sorted(_keyed(graph.outputs), key=lambda keyed: keyed[0]))
    return View(
        graph,
        functions(graph),
        operands,
        outputs,
        {key: number[output.node] for key, output in outputs.items()},
    )


def functions(graph: Graph) -> list[Node]:
    """The nodes of a graph, without what only says how weights start."""
    initial = {
        op: names
        for op in {node.op for node in graph.nodes}
        if (names := {attribute.name for attribute in OPS[op].attributes if attribute.initial})
    }
    return [
        replace(node, attributes=tuple(item for item in node.attributes if item[0] not in initial[node.op]))
        if node.op in initial
        else node
        for node in graph.nodes
    ]


def _keyed(outputs: tuple[Output, ...]) -> Iterator[tuple[OutputKey, Output]]:
    """An output goes by its role where it alone has it, else by role and name; without a role, by name."""
    count = Counter(map(_role, outputs))
    for output in outputs:
        role = _role(output)
        yield (role, "" if role and count[role] == 1 else output.name), output


def _role(output: Output) -> str:
    """What algorithms know an output by; nothing for those of the user's own code."""
    if output.role in (None, "aux"):
        return ""
    group = output.name.rpartition(".")[0]
    return f"{group}.{output.role}" if group else str(output.role)


def movements(view: View, order: list[int]) -> dict[tuple[str, str], list[int]]:
    """For each owner and version, the evaluations that move its statistics, in the order in which they do."""
    found: dict[tuple[str, str], list[int]] = {}
    for index in order:
        node = view.node(index)
        if node.owner is not None and moves_statistics(node):
            found.setdefault((node.owner, node.version), []).append(index)
    for moved in found.values():
        moved.sort(key=lambda index: view.node(index).evaluation or 0)
    return found
