"""Wrong effects and states: noise, statistics and slots that get lost or mixed up."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.ir.graph import Graph
from rl2graph.ir.op import Effect
from rl2graph.ir.slots import with_slots
from tests.proof.planted_means import before, near_entries, near_graphs, near_runs


@near_graphs
def statistics_backwards(patch):
    """Call sites are numbered from the outputs to the inputs."""

    def change(graph: Graph) -> Graph:
        sites = sorted(n.evaluation for n in graph.nodes if n.evaluation is not None)
        return replace(graph, nodes=tuple(
            node if node.evaluation is None else replace(node, evaluation=sites.pop()) for node in graph.nodes
        ))  # fmt: skip

    before(patch, "inline", change)


@near_graphs
def one_state_for_each_owner(patch):
    """A slot is a layer's, whatever it reads: two sequences through one layer are one to it."""

    def slots(graph: Graph) -> Graph:
        after = with_slots(graph)
        own = lambda n: n.owner if n.owner and n.spec.has_state else n.slot  # noqa: E731
        return replace(after, nodes=tuple(replace(node, slot=own(node)) for node in after.nodes))

    _slots(patch, slots)


@near_graphs
def a_state_for_each_call(patch):
    """A slot is a call's: a module that is called twice on one value is two to the schema, and never one."""

    def slots(graph: Graph) -> Graph:
        after, known = with_slots(graph), set()
        nodes = []
        for index, node in enumerate(after.nodes):
            nodes.append(
                replace(node, slot=f"{node.slot}_of_{index}") if node.slot in known - {None} else node
            )
            known.add(node.slot)
        return replace(after, nodes=tuple(nodes))

    _slots(patch, slots)


@near_graphs
def the_state_before_in_the_list(patch):
    """Slots are off by one: an evaluation has that of the one before it."""

    def slots(graph: Graph) -> Graph:
        after = with_slots(graph)
        last, nodes = {}, []
        for node in after.nodes:
            slot = last.get(node.op, node.slot) if node.spec.has_state else node.slot
            last[node.op] = node.slot
            nodes.append(replace(node, slot=slot))
        return replace(after, nodes=tuple(nodes))

    _slots(patch, slots)


def _slots(patch, slots):
    patch.setattr("rl2graph.compiler.elaboration.builder.with_slots", slots)


@near_runs
def training_without_noise(patch):
    """Training moves statistics; that random ops take noise in it is forgotten."""
    _effects(patch, train=(Effect.TRAINING,))


@near_runs
def training_without_statistics(patch):
    """Training takes noise; that statistics move in it is forgotten."""
    _effects(patch, train=(Effect.RANDOM,))


@near_entries
def noise_in_evaluation(patch):
    """An evaluation has its call sites in every mode: a greedy policy takes noise."""
    _effects(patch, evaluate=(Effect.RANDOM,))


@near_runs
def statistics_of_training_while_collecting(patch):
    """Two kinds of statistics move in both modes."""
    _effects(patch, collect=tuple(Effect))


def _effects(patch, **modes):
    from rl2graph.model import programs

    patch.setattr(programs, "EFFECTS", {**programs.EFFECTS, **modes})
