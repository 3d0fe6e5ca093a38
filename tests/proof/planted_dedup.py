"""Wrong deduplications: what is taken for one computation and is not, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

import pytest

from rl2graph.compiler.passes.base import Remark, Rewrite, replaced
from rl2graph.compiler.passes.dedup import dedup
from rl2graph.ir.graph import Graph, Node, attribute_key, computation
from rl2graph.ir.op import STATISTICS, Effect
from tests.proof.planted_means import in_place_of, near_entries, near_graphs

Key = Callable[[Node, tuple[int, ...]], Hashable]
NODE, OPERANDS, ATTRIBUTES, OWNER, VERSION, EVALUATION, SLOT = range(7)
"""Places in `computation`."""


def by_key(patch: pytest.MonkeyPatch, key: Key) -> None:
    """Deduplicate by another key."""
    patch.setattr("rl2graph.compiler.passes.dedup.computation", key)


def without(*places: int) -> Key:
    def key(node: Node, operands: tuple[int, ...]) -> Hashable:
        known = computation(node, operands)
        return tuple(part for place, part in enumerate(known) if place not in places)

    return key


@near_graphs
def owners_by_their_looks(patch):
    """Structural hashing, as of expressions, knows no owners: twin critics become one network."""
    by_key(patch, without(OWNER))


@near_graphs
def owners_but_for_a_number(patch):
    """A path is normalised before it is compared, and `q1` and `q2` are the same then."""

    def key(node, operands):
        return (*computation(node, operands)[:OWNER], re.sub(r"\d", "", node.owner or ""), node.version)

    by_key(patch, lambda node, operands: (*key(node, operands), node.evaluation, node.slot))


@near_entries
def versions_as_one(patch):
    """Versions came later than the key: a target network is its online network."""
    by_key(patch, without(VERSION))


@near_graphs
def slots_as_one(patch):
    """Two calls with states of their own are one, and one of the states is never carried on."""
    by_key(patch, without(SLOT, EVALUATION))


@near_graphs
def draws_as_one(patch):
    """A dropout is a function of its operand, so two of them are one: one mask in place of two."""

    def key(node, operands):
        random = node.spec.effect is Effect.RANDOM
        return without(EVALUATION, SLOT)(node, operands) if random else computation(node, operands)

    by_key(patch, key)


@near_graphs
def updates_of_statistics_as_one(patch):
    """Two batch norms over one batch give the same values, so the second is left out, with its update."""

    def key(node, operands):
        moving = node.spec.effect in STATISTICS
        return without(EVALUATION)(node, operands) if moving else computation(node, operands)

    by_key(patch, key)


@near_graphs
def attributes_left_out(patch):
    """The key was written when ops had operands and weights alone."""
    by_key(patch, without(ATTRIBUTES))


@near_graphs
def attributes_as_they_print(patch):
    """Attributes are compared by their text, and the text of a float has six digits."""

    def key(node, operands):
        shown = [f"{value:g}" if type(value) is float else value for _, value in node.attributes]
        return (*without(ATTRIBUTES)(node, operands), *shown)

    by_key(patch, key)


@near_graphs
def zeros_as_one(patch):
    """Python says that 0.0 == -0.0, and so does a dictionary."""
    by_key(patch, lambda node, operands: (*without(ATTRIBUTES)(node, operands), node.attributes))


@near_graphs
def numbers_by_their_whole_part(patch):
    """A list of attributes is turned into whole numbers, as of shapes, before it is hashed."""

    def key(node, operands):
        whole = [int(v) if type(v) is float and abs(v) < 1e9 else v for _, v in node.attributes]
        return (*without(ATTRIBUTES)(node, operands), *whole)

    by_key(patch, key)


@near_graphs
def sums_by_commutativity(patch):
    """`a + b` is `b + a` on paper: the sign of a zero and the payload of a NaN may differ."""

    def key(node, operands):
        commutes = node.op in ("add", "mul", "minimum", "maximum")
        return computation(node, tuple(sorted(operands)) if commutes else operands)

    by_key(patch, key)


@near_graphs
def operands_in_any_order(patch):
    """Edges of a graph have no order, and neither has the key that is made of them."""
    by_key(patch, lambda node, operands: computation(node, tuple(sorted(operands))))


@near_graphs
def operands_as_a_set(patch):
    """A `DiGraph` has one edge between two nodes: `concat(x, x)` is `concat(x, x, x)`."""
    by_key(patch, lambda node, operands: (without(OPERANDS)(node, operands), frozenset(operands)))


@near_graphs
def ops_by_their_types(patch):
    """The key has the result's type in place of the op's name."""
    by_key(patch, lambda node, operands: (node.type, *without(NODE)(node, operands)))


@near_graphs
def modules_by_their_names(patch):
    """A module keeps its last value, as `@sharedbranch` does: whatever it is called on."""

    def key(node, operands):
        return (node.op, node.owner, node.version) if node.owner else computation(node, operands)

    by_key(patch, key)


@near_graphs
def keys_by_their_hashes(patch):
    """A table of hashes is smaller than a table of keys, and two keys may have one hash."""
    by_key(patch, lambda node, operands: hash(repr(computation(node, operands))) % 61)


@near_graphs
def through_detaches(patch):
    """A detached value has the value's number, so what reads the one is what reads the other."""

    def run(graph: Graph) -> Rewrite:
        looked: list[int] = []
        for index, node in enumerate(graph.nodes):
            looked.append(looked[node.operands[0]] if node.op == "detach" else index)
        return merging(graph, lambda index, node, ones: (
            index if node.op == "detach" else None,
            computation(node, tuple(ones[looked[operand]] for operand in node.operands)),
        ))  # fmt: skip

    in_place_of(patch, "dedup", run)


@near_graphs
def the_later_of_two(patch):
    """The table keeps the last node with a key: users before it read a later node."""

    def run(graph: Graph) -> Rewrite:
        known = dedup(graph)
        last: dict[int, int] = {}
        for old, new in enumerate(known.number):
            last[new] = old
        gone = {old: last[new] for old, new in enumerate(known.number) if last[new] != old}
        return replaced(graph, gone, known.remarks)

    in_place_of(patch, "dedup", run)


@near_graphs
def operands_before_merging(patch):
    """Keys are made of the operands as written: only the first nodes of two equal chains merge."""
    in_place_of(
        patch,
        "dedup",
        lambda graph: merging(graph, lambda index, node, ones: computation(node, node.operands)),
    )


@near_graphs
def neighbours_alone(patch):
    """A window of the last few nodes, to save memory: what was said long ago is computed again."""

    def run(graph: Graph) -> Rewrite:
        key = lambda index, node, ones: computation(node, tuple(ones[o] for o in node.operands))  # noqa: E731
        return merging(graph, key, window=3)

    in_place_of(patch, "dedup", run)


@near_graphs
def numbers_never(patch):
    """Numbers are told apart by identity, as `is` does: no two constants are one, nor what reads them."""

    def key(index: int, node: Node, ones: list[int]) -> Any:
        alone = index if node.op == "constant" else None
        return alone, computation(node, tuple(ones[operand] for operand in node.operands))

    in_place_of(patch, "dedup", lambda graph: merging(graph, key))


@near_graphs
def weights_never(patch):
    """What reads weights is left alone, to be safe: the shared encoder is computed twice."""

    def key(index: int, node: Node, ones: list[int]) -> Any:
        alone = index if node.owner else None
        return alone, computation(node, tuple(ones[operand] for operand in node.operands))

    in_place_of(patch, "dedup", lambda graph: merging(graph, key))


@near_graphs
def one_attribute_of_several(patch):
    """The loop over attributes returns in its first turn."""
    by_key(patch, lambda n, operands: (*without(ATTRIBUTES)(n, operands), attribute_key(n.attributes)[:1]))


def merging(graph: Graph, key: Callable[[int, Node, list[int]], Hashable], window: int = 1 << 30) -> Rewrite:
    """Deduplication by a key of a node's number, the node, and what the nodes before it became."""
    first: dict[Hashable, int] = {}
    ones: list[int] = []
    gone: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        known = key(index, node, ones)
        original = first.setdefault(known, index)
        if index - original > window:
            original = first[known] = index
        ones.append(original)
        if original != index:
            gone[index] = original
    return replaced(graph, gone, [Remark("merged", (one, index)) for index, one in gone.items()])
