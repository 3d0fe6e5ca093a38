"""Wrong graphs: what a pruner leaves out, stale numbers, effects and states that get lost."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.passes.base import GONE, Rewrite, unchanged
from rl2graph.compiler.passes.dedup import dedup
from rl2graph.compiler.passes.prune import prune
from rl2graph.ir.graph import LOSS, Graph, Node, Output, gather
from rl2graph.ir.op import STATISTICS
from tests.proof.planted_means import before, each_node, in_place_of, near_entries, near_graphs

# Pruning


@near_graphs
def losses_are_no_outputs(patch):
    """What no output of the model reads is dead, and `model(obs)` gives no losses."""

    def run(graph: Graph) -> Rewrite:
        return prune(replace(graph, outputs=tuple(o for o in graph.outputs if o.role != LOSS)))

    in_place_of(patch, "prune", run)


@near_graphs
def first_operands_alone_live(patch):
    """Liveness follows the chain of first operands."""

    def live(graph, roots=None):
        alive = [False] * len(graph.nodes)
        for root in (output.node for output in graph.outputs) if roots is None else roots:
            while not alive[root]:
                alive[root] = True
                root = (*graph.nodes[root].operands, root)[0]
        return alive

    patch.setattr(Graph, "live", live)


@near_graphs
def the_dead_stay(patch):
    """Nothing is pruned, since emitted code is fast enough."""
    in_place_of(patch, "prune", unchanged)


@near_graphs
def owners_of_the_dead(patch):
    """Owners that no node reads go with the nodes: keys of a state_dict hang on the level."""

    def run(graph: Graph) -> Rewrite:
        after, remarks, number = prune(graph)
        read = {node.owner for node in after.nodes}
        return Rewrite(
            replace(after, owners=tuple(o for o in after.owners if o.path in read)), remarks, number
        )

    in_place_of(patch, "prune", run)


@near_graphs
def the_second_of_two_names(patch):
    """Two outputs at one node are one output."""

    def run(graph: Graph) -> Rewrite:
        first: dict[int, Output] = {}
        for output in graph.outputs:
            first.setdefault(output.node, output)
        return prune(replace(graph, outputs=tuple(first.values())))

    in_place_of(patch, "prune", run)


@near_graphs
def numbers_off_by_one(patch):
    """The count of nodes taken away so far is one behind."""

    def run(graph: Graph) -> Rewrite:
        after, remarks, number = prune(graph)
        return Rewrite(after, remarks, [place if place < 1 else place - (GONE in number) for place in number])

    in_place_of(patch, "prune", run)


@near_graphs
def statistics_are_no_values(patch):
    """Statistics that move are no values, and an evaluation is left to its values: its call site goes."""
    moving = lambda graph, index, node: (  # noqa: E731
        replace(node, evaluation=None) if node.spec.effect in STATISTICS else node
    )
    before(patch, "prune", each_node(moving))


@near_graphs
def states_of_the_first_step(patch):
    """A recurrent layer without a state before it is a layer of its input: `memory` is `unsqueeze`."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        if node.op == "memory" and node.values["length"] == 1:
            return replace(node, op="unsqueeze", attributes=(("axis", 0),), slot=None)
        return node

    before(patch, "prune", each_node(change))


# Numbers of nodes, and what moves with them


@near_graphs
def stale_operands(patch):
    """Nodes move, and their operands keep the numbers that they had."""
    _gathering(patch, lambda before, after, kept: replace(
        after, nodes=tuple(n.over(before.nodes[i].operands) for i, n in zip(kept, after.nodes, strict=True))
    ))  # fmt: skip


@near_graphs
def stale_outputs(patch):
    """Nodes move, and outputs keep the numbers that they had."""
    _gathering(patch, lambda before, after, kept: replace(after, outputs=before.outputs))


@near_graphs
def names_that_stay(patch):
    """Nodes move, and names and lines of others are read in messages and code."""
    _gathering(patch, lambda before, after, kept: replace(after, provenance=before.provenance[: len(kept)]))


@near_graphs
def operands_once(patch):
    """Operands are gathered in a dictionary, which has each of them once."""
    once = lambda node: node.over(tuple(dict.fromkeys(node.operands)))  # noqa: E731
    _gathering(patch, lambda before, after, kept: replace(after, nodes=tuple(map(once, after.nodes))))


@near_graphs
def outputs_by_node(patch):
    """Outputs come in the order of their nodes, for that is the order in which they are computed."""
    _gathering(patch, lambda before, after, kept: replace(
        after, outputs=tuple(sorted(after.outputs, key=lambda output: output.node))
    ))  # fmt: skip


@near_graphs
def outputs_change_places(patch):
    """Names are zipped with nodes in another order: two outputs change places."""

    def swapped(before, after, kept):
        first, *rest = after.outputs
        if not rest:
            return after
        second, *rest = rest
        return replace(after, outputs=(
            replace(first, node=second.node), replace(second, node=first.node), *rest,
        ))  # fmt: skip

    _gathering(patch, swapped)


@near_graphs
def roles_are_lost(patch):
    """An output is a name and a node."""
    bare = lambda output: replace(output, role=None)  # noqa: E731
    _gathering(patch, lambda before, after, kept: replace(after, outputs=tuple(map(bare, after.outputs))))


@near_entries
def versions_are_lost(patch):
    """A node over other operands is made anew, and a field with a default is forgotten."""
    _over(patch, version="online")


@near_graphs
def call_sites_are_lost(patch):
    """The same, of a later field: a dropout behind a merged node draws no noise."""
    _over(patch, evaluation=None)


@near_graphs
def an_owner_is_renamed(patch):
    """What is merged gets a path of its own, for it belongs to both: a checkpoint fits no more."""

    def run(graph: Graph) -> Rewrite:
        after, remarks, number = dedup(graph)
        merged = {graph.nodes[r.nodes[1]].owner for r in remarks if r.kind == "merged"} - {None}
        path = lambda known: f"shared.{known}" if known in merged else known  # noqa: E731
        nodes = tuple(replace(node, owner=path(node.owner)) for node in after.nodes)
        owners = tuple(replace(owner, path=path(owner.path)) for owner in after.owners)
        return Rewrite(replace(after, nodes=nodes, owners=owners), remarks, number)

    in_place_of(patch, "dedup", run)


@near_graphs
def owners_by_name(patch):
    """Owners are sorted on the way, and an optimiser's state goes by the order of `parameters()`."""

    def run(graph: Graph) -> Rewrite:
        after, remarks, number = dedup(graph)
        return Rewrite(replace(after, owners=tuple(sorted(after.owners, key=str))), remarks, number)

    in_place_of(patch, "dedup", run)


def _gathering(patch, change):
    def wrong(graph, keep, replaces=None):
        kept = list(keep)
        after = gather(graph, kept, replaces)
        return after if after is graph else change(graph, after, kept)

    for module in ("base", "prune"):
        patch.setattr(f"rl2graph.compiler.passes.{module}.gather", wrong)


def _over(patch, **lost):
    patch.setattr(Node, "over", lambda node, operands: replace(node, operands=operands, **lost))
