"""What the outputs of a model are."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.contracts.heads import head_of
from rl2graph.ir.graph import Graph
from rl2graph.ir.types import TensorType
from rl2graph.spaces import Space


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """An output of a model: its name, role, per-sample type, and what it is to an algorithm (`categorical`,
    `gaussian`, `value`, … or the op that gives it).
    """

    name: str
    role: str | None
    type: TensorType
    head: str


def outputs_of(graph: Graph, action: Space | None) -> tuple[ModelOutput, ...]:
    """The outputs of a graph, losses among them, in source order."""
    shown = []
    for output in graph.outputs:
        node = graph.nodes[output.node]
        head = head_of(output.role, action)
        shown.append(ModelOutput(output.name, output.role, node.type, head.kind if head else node.op))
    return tuple(shown)
