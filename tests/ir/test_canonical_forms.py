"""What a canonical form says of attributes, types and names, and what the training form adds."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from math import nan

import pytest

from rl2graph.ir.canonical import (
    canonical_form,
    function_digest,
    match,
    training_digest,
    training_form,
)
from rl2graph.ir.graph import Graph, Load, Node
from rl2graph.ir.op import Init
from rl2graph.ir.slots import with_effects
from rl2graph.ir.types import f32
from tests.ir.graphs import number, same, single
from tests.support import GOLDEN, assert_golden, graph_of


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


def test_roles_are_those_of_their_group():
    one, other = single(*number(2.0).nodes, name="a.v"), single(*number(2.0).nodes, name="b.v")
    assert same(one, single(*number(2.0).nodes, name="a.v"))
    assert not same(one, other)


def test_a_type_that_the_operands_do_not_decide_is_compared():
    source = number(2.0).nodes[0]
    widths = [single(source, Node("joint", (0,), (("name", "obs"),), f32(width))) for width in (8, 12)]
    assert same(widths[0], widths[0])
    assert not same(*widths)
    assert match(*widths).reason == "`joint` gives f32[8] in A and f32[12] in B"


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
    assert function_digest(graph) == f"1:{sha256(canonical_form(graph).encode()).hexdigest()}"
    assert training_digest(graph) == f"1:{sha256(training_form(graph).encode()).hexdigest()}"
