"""State, noise and statistics of a graph, by name: what an entry is given and gives beside its values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from rl2graph.ir.graph import Graph, Node, computation
from rl2graph.ir.numbering import numbered
from rl2graph.ir.op import STATISTICS, Effect, Noise, State
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.reserved import FreeNames
from rl2graph.ir.table import OPS

Mode = Literal["evaluate", "collect", "train"]

EFFECTS: Mapping[Mode, tuple[Effect, ...]] = {
    "evaluate": (),
    "collect": (Effect.RANDOM, Effect.COLLECTING),
    "train": (Effect.RANDOM, Effect.TRAINING),
}
"""What happens in each mode beside the values: nothing in evaluation, so that all may merge; noise where it
is given, and the statistics of collected steps; noise, and the statistics that training moves.
"""


def state_schema(graph: Graph) -> dict[str, State]:
    """What a recurrent graph carries from step to step, by `<slot>.<part>`, in the order of the graph."""
    return {
        f"{node.slot}.{state.name}": state
        for node in graph.nodes
        if node.slot is not None and _ranked(graph, node)
        for state in node.spec.state(graph.operand_types(node), node.values)
    }


def noise_schema(graph: Graph) -> dict[str, Noise]:
    """What the random evaluations of a graph are given, by `<slot>.<part>`, in the order of the graph."""
    return {f"{node.slot}.{noise.name}": noise for node in graph.nodes for noise in noise_of(graph, node)}


def noise_of(graph: Graph, node: Node) -> tuple[Noise, ...]:
    """The noise of one evaluation; none where its effect is switched off."""
    if node.slot is None or node.evaluation is None or not _ranked(graph, node):
        return ()
    return node.spec.noise(graph.operand_types(node), node.values)


def _ranked(graph: Graph, node: Node) -> bool:
    """Whether enough is known of a node's operands to say what it carries; always in a graph that can run."""
    return all(type_.ranked for type_ in graph.operand_types(node))


def moves_statistics(node: Node) -> bool:
    """Whether an evaluation moves its owner's statistics."""
    return node.evaluation is not None and node.spec.effect in STATISTICS


def statistics_of(graph: Graph) -> Iterator[str]:
    """Keys of the buffers that the graph moves, in the order of their owners."""
    moved = {node.owner for node in graph.nodes if moves_statistics(node)}
    for owner in graph.owners:
        if owner.path in moved:
            yield from (f"{owner.path}.{weight.name}" for weight in owner.weights if weight.buffer)


def is_recurrent(graph: Graph) -> bool:
    """Whether the graph carries state from step to step."""
    return any(map(_carries, graph.nodes))


def with_effects(graph: Graph, effects: Collection[Effect]) -> Graph:
    """The graph in which only these effects happen; evaluations without theirs are pure, and may merge."""
    if all(node.evaluation is None or node.spec.effect in effects for node in graph.nodes):
        return graph
    nodes = tuple(
        node
        if node.evaluation is None or node.spec.effect in effects
        else replace(node, evaluation=None, slot=node.slot if node.spec.has_state else None)
        for node in graph.nodes
    )
    return Graph(nodes, graph.outputs, graph.owners, graph.provenance)


def with_slots(graph: Graph) -> Graph:
    """The graph with a slot for each evaluation that needs one.

    Evaluations that are one computation share a slot: the same weights on the same operands carry the same
    state. A slot goes by its owner's path, or by what its value is called, `_k` counting repeats.
    """
    slotted = {op for op in {node.op for node in graph.nodes} if OPS[op].slotted}
    if not slotted:
        return graph
    first = numbered(graph)
    names = FreeNames()
    slots = {
        index: names.take(_stem(graph, index))
        for index, node in enumerate(graph.nodes)
        if node.op in slotted and first[index] == index
    }
    nodes = tuple(
        replace(node, slot=slots[original]) if node.op in slotted else node
        for node, original in zip(graph.nodes, first, strict=True)
    )
    return Graph(nodes, graph.outputs, graph.owners, graph.provenance)


def with_shared_states(graph: Graph) -> Graph:
    """The graph in which calls of a recurrent op that are one computation share a state, the first one's.

    What copies nodes gives each copy a slot of its own; copies of one call over operands that are one
    computation are one call again.
    """
    if not is_recurrent(graph):
        return graph
    nodes: list[Node] = []
    for node, original in zip(graph.nodes, numbered(graph, _without_state), strict=True):
        slot = graph.nodes[original].slot
        nodes.append(replace(node, slot=slot) if _carries(node) and slot != node.slot else node)
    return Graph(tuple(nodes), graph.outputs, graph.owners, graph.provenance)


def _carries(node: Node) -> bool:
    return node.slot is not None and node.spec.has_state


def _without_state(node: Node, operands: tuple[int, ...]) -> tuple[Any, ...]:
    """What a computation is but for which state it reads."""
    return computation(replace(node, slot=None) if _carries(node) else node, operands)


def _stem(graph: Graph, index: int) -> str:
    node, place = graph.nodes[index], graph.where(index)
    return node.owner or (place.name if isinstance(place, Provenance) else node.op)
