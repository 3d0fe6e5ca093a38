"""The canonical form and the matching walk agree with each other, and with a search that tries everything."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from rl2graph.compiler.passes.dedup import dedup
from rl2graph.compiler.passes.prune import prune
from rl2graph.ir.canonical import (
    function_digest,
    match,
    training_digest,
)
from rl2graph.ir.canonical.numbering import view
from rl2graph.ir.canonical.pairing import Pairing
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify
from tests.ir.graphs import changed, number, random_graph, rewritten, same, single
from tests.support import graph_of

SEEDS = st.integers(0, 10**6)


def minimal(graph: Graph) -> Graph:
    return prune(dedup(graph)[0])[0]


def found_by_search(a: Graph, b: Graph) -> bool:
    """Whether some bijection of nodes is an equivalence: every one is tried."""
    a, b = minimal(a), minimal(b)
    if sorted(n.op for n in a.nodes) != sorted(n.op for n in b.nodes):
        return False
    ops = sorted({node.op for node in a.nodes})
    ours, theirs = ([[i for i, n in enumerate(g.nodes) if n.op == op] for op in ops] for g in (a, b))
    for choice in product(*(permutations(group) for group in theirs)):
        pairs = {
            x: y
            for group, chosen in zip(ours, choice, strict=True)
            for x, y in zip(group, chosen, strict=True)
        }
        if _is_equivalence(a, b, pairs):
            return True
    return False


def _is_equivalence(a: Graph, b: Graph, pairs: dict[int, int]) -> bool:
    owners, noise = set(), set()
    for x, y in pairs.items():
        one, other = a.nodes[x], b.nodes[y]
        if tuple(pairs[operand] for operand in one.operands) != other.operands:
            return False
        if (one.attributes, one.version, one.evaluation is None) != (
            other.attributes, other.version, other.evaluation is None,
        ):  # fmt: skip
            return False
        owners.add((one.owner, other.owner))
        if one.spec.has_state and one.slot != other.slot:
            return False
        if not one.spec.has_state:
            noise.add((one.slot, other.slot))
    one_to_one = all(
        len(found) == len({x for x, _ in found}) == len({y for _, y in found}) for found in (owners, noise)
    )
    moves = [index for index, node in enumerate(a.nodes) if node.op == "batch_norm"]
    in_order = all(
        (a.nodes[x].evaluation < a.nodes[z].evaluation)
        == (b.nodes[pairs[x]].evaluation < b.nodes[pairs[z]].evaluation)
        for x, z in product(moves, repeat=2)
        if (a.nodes[x].owner, a.nodes[x].version) == (a.nodes[z].owner, a.nodes[z].version)
    )
    return one_to_one and in_order and _outputs(a, pairs) == _outputs(b)


def _outputs(graph: Graph, pairs: dict[int, int] | None = None) -> set[tuple[str, int]]:
    """Outputs of `random_graph`, whose roles tell all but those of the role `q` apart."""
    roles = [output.role for output in graph.outputs]
    return {
        (
            (o.role or "") + (o.name if o.role is None or roles.count(o.role) > 1 else ""),
            pairs[o.node] if pairs else o.node,
        )
        for o in graph.outputs
    }


@given(SEEDS, SEEDS)
def test_names_order_duplicates_and_what_is_dead_make_no_difference(seed, other):
    graph = random_graph(seed, 12)
    again = rewritten(graph, other)
    verify(again, "rewriting")
    assert same(graph, again)
    found = match(graph, again)
    read = {graph.nodes[index].owner for index in found.nodes} - {None}
    assert found.owners.keys() == read
    assert set(found.owners.values()) == {again.nodes[index].owner for index in found.nodes.values()} - {None}


def test_the_walk_and_the_form_agree_with_a_search():
    verdicts = []
    for seed in range(1200):
        graph = random_graph(seed, 7)
        other = rewritten(changed(graph, seed), seed) if seed % 2 else changed(graph, seed)
        verdicts.append(same(graph, other))
        assert verdicts[-1] == found_by_search(graph, other), seed
    assert min(verdicts.count(True), verdicts.count(False)) > 200


@given(SEEDS, SEEDS)
def test_the_walk_and_the_form_agree_on_larger_graphs(seed, other):
    graph = random_graph(seed, 30)
    same(graph, rewritten(changed(graph, other), other))


def test_a_mismatch_of_every_kind_is_met_and_names_nodes():
    kinds = set()
    for seed in range(3000):
        graph = random_graph(seed, 10)
        other = changed(graph, seed)
        found = match(graph, other)
        if not found:
            kinds.add(found.kind)
            for side, places in ((graph, found.a), (other, found.b)):
                assert all(0 <= place.node < len(side.nodes) and place.label for place in places)
            assert found.a or found.b
    assert kinds == {
        "op", "input", "attribute", "version", "weights", "state", "evaluation", "statistics",
    }  # fmt: skip


def test_a_mismatch_names_the_way_from_an_output():
    lengths = set()
    for seed in range(300):
        a = random_graph(seed, 20)
        b = changed(a, seed)
        found = match(a, b)
        if found or not found.above:
            continue
        views = view(a), view(b)
        for side, seen in enumerate(views):
            way = [pair[side] for pair in found.above]
            assert all(low in seen.operands[high] for low, high in pairwise(way))
            assert way[-1] in seen.roots.values()
        lengths.add(len(found.above))
    assert max(lengths) > 2


def test_a_trial_leaves_pairs_alone():
    pairs = Pairing()
    assert pairs.join("a", "b", (0, 0))
    twin = pairs.copy()
    assert twin.join("c", "d", (1, 1))
    assert (pairs.forward, pairs.back, pairs.first) == ({"a": "b"}, {"b": "a"}, {"a": (0, 0)})
    assert not twin.join("c", "e", (2, 2))
    assert not twin.join("e", "d", (2, 2))


def chain(length: int, last: str = "tanh") -> Graph:
    nodes = list(number(2.0).nodes[:1])
    while len(nodes) < length:
        i = len(nodes)
        nodes.append(
            Node("add", (i - 1, max(0, i - 1 - i % 7)), (), f32(4))
            if i % 3
            else Node("tanh", (i - 1,), (), f32(4))
        )
    nodes.append(Node(last, (length - 1,), (), f32(4)))
    return single(*nodes)


def test_a_hundred_thousand_nodes_are_walked_without_recursion():
    start = perf_counter()
    graph = chain(100_000)
    assert match(graph, chain(100_000))
    assert match(graph, chain(100_000, "relu")).kind == "op"
    assert function_digest(graph) != function_digest(chain(100_000, "relu"))
    assert perf_counter() - start < 30


def test_how_weights_start_is_no_part_of_the_function():
    one, other = (
        graph_of(f'output y = obs + parameter([4], init="normal", value={value})') for value in (0.1, 0.2)
    )
    assert match(one, other)
    assert function_digest(one) == function_digest(other)
    assert training_digest(one) != training_digest(other)
    sigma = [graph_of(f"q = noisy_dense(obs, 2, sigma={sigma})") for sigma in (0.4, 0.5)]
    assert match(*sigma)


def test_names_of_noise_are_a_part_of_training_alone():
    one, other = (graph_of(f"{name} = dropout(obs); output y = {name} * 2") for name in ("h", "g"))
    assert function_digest(one) == function_digest(other)
    assert training_digest(one) != training_digest(other)
