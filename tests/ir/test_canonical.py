"""The canonical form and the matching walk agree with each other, and with a search that tries everything."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import permutations, product
from math import nan
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.compiler.passes.dedup import dedup
from rl2graph.compiler.passes.prune import prune
from rl2graph.ir.canonical import (
    Equivalence,
    Mismatch,
    canonical_form,
    function_digest,
    match,
    training_digest,
    training_form,
)
from rl2graph.ir.graph import Graph, Load, Node, Output
from rl2graph.ir.op import Init
from rl2graph.ir.slots import with_effects
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify
from tests.ir.graphs import changed, random_graph, rewritten
from tests.support import GOLDEN, assert_golden, graph_of

SEEDS = st.integers(0, 10**6)


def same(a: Graph, b: Graph) -> bool:
    """What `match` says, which digests must say too."""
    found = match(a, b)
    assert (
        bool(found) == (canonical_form(a) == canonical_form(b)) == (function_digest(a) == function_digest(b))
    )
    assert bool(found) == bool(match(b, a))
    assert isinstance(found, Equivalence if found else Mismatch)
    return bool(found)


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


# Attributes, types and names


def single(*nodes: Node, role: str | None = "v", name: str = "v") -> Graph:
    return Graph(nodes, (Output(name, role, len(nodes) - 1),), ())


def number(value: float) -> Graph:
    given = (("name", "obs"), ("dtype", "f32"), ("shape", (4,)), ("path", ()))
    return single(
        Node("input", (), given, f32(4)),
        Node("constant", (), (("value", value),), f32()),
        Node("add", (0, 1), (), f32(4)),
    )


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), (1.0, 1.0 + 2**-52), (nan, 0.0)])
def test_numbers_are_compared_by_bits(one, other):
    assert same(number(one), number(one))
    assert not same(number(one), number(other))
    assert match(number(0.0), number(-0.0)).reason == "the number 0.0 in A is -0.0 in B"
    assert "1.0000000000000002 in B" in match(number(1.0), number(1.0 + 2**-52)).reason


def test_operand_order_is_identity():
    assert not same(graph_of("v = dense(obs - 2, 1)"), graph_of("v = dense(2 - obs, 1)"))
    a, b = "a = tanh(obs); b = relu(obs); output y = a + b", "a = tanh(obs); b = relu(obs); output y = b + a"
    assert not same(graph_of(a), graph_of(b))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("output left: pi = head(obs)", "pi = head(obs)", True),
        ("output pi: aux = dense(obs, 2)", "output pi: v = dense(obs, 2)", False),
        ("output mine = tanh(obs)", "output mine: aux = tanh(obs)", True),
        ("output mine = tanh(obs)", "output yours = tanh(obs)", False),
        ("output a: q = head(obs); output b: q = one", "output b: q = one; output a: q = head(obs)", True),
        ("output a: q = head(obs); output b: q = one", "output a: q = head(obs); output c: q = one", False),
        ("loss a = mse(one, one); pi = head(obs)", "loss b = mse(one, one); pi = head(obs)", True),
    ],
)
def test_outputs_go_by_role_where_one_alone_has_it(one, other, equal):
    bound = "one = dense(obs, 4); "
    assert same(graph_of(bound + one), graph_of(bound + other)) is equal


def test_state_keeps_its_name_and_noise_does_not():
    assert not same(graph_of("h = lstm(obs, 8); pi = head(h)"), graph_of("g = lstm(obs, 8); pi = head(g)"))
    one, other = graph_of("h = dropout(obs); pi = head(h)"), graph_of("g = dropout(obs); pi = head(g)")
    assert same(one, other)
    assert match(one, other).noise == {"h": "g"}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("input obs: f32[n]\npi = dense(obs, 2)", "input obs: f32[m]\npi = dense(obs, 2)", True),
        (
            "input obs: f32[n]\ninput done: f32[n]\npi = dense(obs, 2) + dense(done, 2)",
            "input obs: f32[n]\ninput done: f32[m]\npi = dense(obs, 2) + dense(done, 2)",
            False,
        ),
        ("input obs: f32[n]\npi = dense(obs, 2)", "input obs: f32[4]\npi = dense(obs, 2)", False),
        ("pi = head(mlp(obs))", "encoder e = mlp(obs); pi = head(e)", True),
    ],
)
def test_symbols_are_told_apart_by_where_they_stand(one, other, equal):
    assert same(graph_of(one, None, None), graph_of(other, None, None)) is equal


def test_an_effect_that_is_switched_off_is_another_function():
    graph = graph_of("pi = head(dropout(obs))")
    still = with_effects(graph, ())
    assert match(graph, still).reason == "`dropout` draws noise in A, and draws none in B"
    assert match(still, graph).reason == "`dropout` draws noise in B, and draws none in A"
    assert same(still, still)


def test_evaluations_that_share_their_noise_are_told_apart_from_those_that_do_not():
    graph = graph_of("pi = head(dropout(obs) + dropout(obs))")
    shared = replace(graph, nodes=tuple(replace(n, slot="one") if n.slot else n for n in graph.nodes))
    found = match(graph, shared)
    assert (found.kind, found.reason) == (
        "noise", "two evaluations of `dropout` take the same noise in B, and not in A",
    )  # fmt: skip
    assert not same(shared, graph)


# Training


def settings(graph: Graph, **changes: object) -> Graph:
    first, *others = graph.owners
    return replace(graph, owners=(replace(first, **changes), *others))


@pytest.mark.parametrize(
    "changes",
    [
        {"frozen": True},
        {"learning_rate": 1e-3},
        {"load": Load("a.safetensors", "e")},
        {"weights": ()},
    ],
)
def test_the_training_digest_adds_how_owners_start_and_train(changes):
    graph = graph_of("pi = head(mlp(obs))")
    other = settings(graph, **changes)
    assert function_digest(graph) == function_digest(other)
    assert training_digest(graph) != training_digest(other)
    assert training_digest(other) == training_digest(settings(graph, **changes))


def test_the_training_digest_knows_paths_and_initial_values():
    graph = graph_of("pi = head(mlp(obs))")
    assert training_digest(graph) != training_digest(graph_of("e = mlp(obs); pi = head(e)"))
    assert training_digest(graph) == training_digest(graph_of("pi = obs |> mlp |> head"))
    weights = tuple(replace(w, init=Init("normal", 0.1)) for w in graph.owners[0].weights)
    assert training_digest(graph) != training_digest(settings(graph, weights=weights))


def test_the_forms_are_the_same_in_every_release():
    text = """
        encoder f(x) = x |> dense(8) |> relu |> dropout(0.1) |> lstm(8)
        @frozen m = batch_norm(dense(f(obs), 4))
        pi = head(batch_norm(m) + 2)
        v = head(detach(f(obs)))
        output pi, v, mine = tanh(m)
    """
    graph = graph_of("\n".join(line.strip() for line in text.splitlines()))
    assert_golden(GOLDEN / "equiv" / "training_form.txt", training_form(graph))
    assert training_form(graph).startswith(canonical_form(graph))
    assert function_digest(graph) == sha256(canonical_form(graph).encode()).hexdigest()
    assert training_digest(graph) == sha256(training_form(graph).encode()).hexdigest()


# Size


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
