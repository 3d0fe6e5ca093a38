"""Compositions as graphs: what is copied and what is shared, without running any of it."""

from __future__ import annotations

import pytest

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Apply, Call, Input
from rl2graph.ir.graph import TARGET, Graph
from tests.compiler.entries.composed import NEXT, actor, composed, names, of, ops
from tests.support import graph_of


def test_what_does_not_differ_is_the_specs_own_node():
    graph = actor()
    both = composed(graph, {"q": "q", "at_mu": Call("q", {"act": "mu"}), "mu": "mu"})
    assert ops(both).count("dense") == 4  # e, mu, and q twice
    assert ops(both).count("concat") == 2
    assert [both.provenance[both.output[name].node].name for name in ("q", "at_mu")] == ["q", "mu.q"]


def test_equal_copies_are_one():
    terms = {name: Call("q", {"obs": NEXT}, TARGET) for name in "ab"}
    graph = composed(actor(), {**terms, "c": Call("mu", {"obs": NEXT}, TARGET)})
    assert graph.output["a"].node == graph.output["b"].node
    assert [node.owner for node in graph.nodes if node.owner] == ["e", "q", "mu"]


def test_a_target_reads_targets_alone_and_says_so():
    graph = composed(actor(), ["q"], {"act": "mu"}, TARGET)
    assert {node.version for node in graph.nodes if node.owner} == {TARGET}
    assert {node.version for node in graph.nodes if not node.owner} == {"online"}
    assert names(graph) == ["obs", "target.e", "target.mu", "target.mu.q.concat", "target.mu.q"]


def test_worlds_are_apart():
    graph = composed(actor(), {"online": Call("q", {"act": "mu"}), "target": Call("q", {}, TARGET)})
    assert graph.inputs == ("obs", "act")
    assert graph.nodes[graph.output["online"].node].version == "online"
    inner = composed(actor(), {"q": Call("q", {"act": Call("mu", version=TARGET)})})
    assert [(node.owner, node.version) for node in inner.nodes if node.owner] == [
        ("e", "online"),
        ("e", TARGET),
        ("mu", TARGET),
        ("q", "online"),
    ]
    outer = composed(actor(), {"q": Call("q", {"act": "mu"}, TARGET)}, version="online")
    assert {node.version for node in outer.nodes if node.owner} == {TARGET}


def test_bind_and_version_are_those_of_the_outputs_that_are_named():
    graph = composed(
        actor(), {"q": "q", "mu": Call("mu"), "on": Call("mu", {}, "online")}, {"obs": NEXT}, TARGET
    )
    assert graph.inputs == ("obs", "act", "next_obs")
    assert graph.nodes[graph.output["q"].node].version == TARGET
    assert graph.nodes[graph.output["mu"].node].version == TARGET
    assert graph.nodes[graph.output["on"].node].version == "online"
    applied = composed(actor(), {"y": Apply("tanh", "mu")}, {"obs": NEXT}, TARGET)
    assert applied.inputs == ("next_obs",)
    assert {node.version for node in applied.nodes if node.owner} == {TARGET}


def test_owners_that_nothing_reads_are_left_out_in_their_order():
    graph = composed(actor(), ["q"])
    assert [owner.path for owner in graph.owners] == ["e", "q"]
    assert [owner.path for owner in composed(actor(), ["q"], {"act": "mu"}).owners] == ["e", "mu", "q"]


def test_outputs_keep_order_names_and_roles():
    graph = composed(actor(), ["q", "mu"])
    assert [(o.name, o.role) for o in graph.outputs] == [("q", "q"), ("mu", "mu")]
    terms = {
        "b": Call("mu", {"obs": NEXT}),
        "a": "q",
        "c": Apply("tanh", "mu"),
        "d": Apply("tanh", Call("mu")),
    }
    graph = composed(actor(), terms)
    assert [(o.name, o.role) for o in graph.outputs] == [("b", "mu"), ("a", "q"), ("c", None), ("d", None)]
    assert graph.output["c"].node == graph.output["d"].node


def test_a_copy_is_called_by_its_version_and_what_it_reads():
    graph = composed(actor(), {"q": Call("q", {"obs": NEXT, "act": "mu"}, TARGET)})
    assert names(graph) == [
        "next_obs",
        "target.next_obs.e",
        "target.next_obs.mu",
        "target.next_obs.mu.q.concat",
        "target.next_obs.mu.q",
    ]


def test_outputs_have_names_that_python_can_write():
    assert composed(actor(), {"left.q": "q"}).output.keys() == {"left.q"}
    for name in ("a b", "", "left.", "state", "statistics"):
        with pytest.raises(ValueError, match="cannot be an output's name"):
            compose(actor(), {name: "q"})
    with pytest.raises(KeyError, match="no output 'a b'"):
        compose(actor(), ["a b"])


def test_a_graph_without_provenance_composes():
    graph = Graph.from_text("\n".join(line.split("  #")[0] for line in actor().to_text().splitlines()))
    assert graph.provenance == ()
    after = composed(graph, {"q": Call("q", {"act": "mu"}, TARGET)})
    assert {node.version for node in after.nodes if node.owner} == {TARGET}
    assert after.provenance == ()


def test_nothing_is_composed_of_nothing():
    assert compose(Graph((), (), ()), []) == Graph((), (), ())


def test_two_ops_over_the_same_operands_stay_two():
    graph = graph_of("t = tanh(obs); r = relu(obs); output t, r")
    copied = composed(graph, {"t": "t", "r": "r"}, {"obs": NEXT})
    assert ops(copied) == ["input", "tanh", "relu"]
    applied = composed(graph, {"a": Apply("tanh", "t"), "b": Apply("relu", "t")})
    assert ops(applied) == ["input", "tanh", "tanh", "relu"]
    assert names(applied) == ["obs", "t", "tanh", "relu"]


def test_what_is_applied_is_called_after_its_op():
    graph = composed(actor(), {"a": Apply("mul", "mu", 2.0)})
    assert names(graph) == ["obs", "e", "mu", "constant", "mul"]


# Effects

NOISY = "encoder e = obs |> dense(4) |> dropout(0.5); a = dense(e, 2); b = dense(e, 2); output a, b"
STATISTICS = "encoder e = obs |> dense(4) |> batch_norm; a = dense(e, 2); b = dense(e, 2); output a, b"
RECURRENT = "encoder e = obs |> dense(4) |> gru(2); a = dense(e, 2); b = dense(e, 2); output a, b"


def test_a_copy_draws_anew_and_two_readers_of_one_copy_share_its_draw():
    terms = {
        "a": "a",
        "b": "b",
        "next_a": Call("a", {"obs": NEXT}),
        "next_b": Call("b", {"obs": NEXT}),
        "t": Call("a", {}, TARGET),
    }
    online, after, target = of(composed(graph_of(NOISY), terms), "dropout")
    assert len({online.evaluation, after.evaluation, target.evaluation}) == 3
    assert [node.slot for node in (online, after, target)] == ["e", "next_obs.e", "target.e"]


def test_call_sites_of_copies_come_after_those_of_the_spec():
    graph = graph_of("x = batch_norm(obs); y = dropout(x); output x, y")
    sites = [node.evaluation for node in graph.nodes if node.evaluation is not None]
    after = composed(graph, {"x": Call("x", {"obs": NEXT}), "y": Call("y", {"obs": Input("other")})})
    new = [node.evaluation for node in after.nodes if node.evaluation is not None]
    assert len(set(new)) == 3
    assert min(new) > max(sites)


def test_a_target_moves_no_statistics():
    terms = {"a": "a", "next": Call("a", {"obs": NEXT}), "t": Call("a", {}, TARGET)}
    online, after, target = of(composed(graph_of(STATISTICS), terms), "batch_norm")
    assert online.evaluation is not None
    assert after.evaluation is not None
    assert after.evaluation > online.evaluation
    assert target.evaluation is None


def test_a_copy_carries_a_state_of_its_own():
    terms = {
        "a": "a",
        "next": Call("b", {"obs": NEXT}),
        "t": Call("a", {}, TARGET),
        "u": Call("b", {}, TARGET),
    }
    assert [node.slot for node in of(composed(graph_of(RECURRENT), terms), "gru")] == [
        "e",
        "next_obs.e",
        "target.e",
    ]


def test_ops_with_effects_and_state_may_be_applied():
    noise = Apply("noise", "mu", std=0.1)
    graph = composed(actor(), {"a": noise, "b": noise, "c": Apply("noise", "mu", std=0.2)})
    one, other = of(graph, "noise")
    assert (one.slot, other.slot) == ("noise(mu, std=0.1)", "noise(mu, std=0.2)")
    assert one.evaluation != other.evaluation
    assert graph.output["a"].node == graph.output["b"].node
    stacked = composed(actor(), {"x": Apply("frame_stack", "mu", n=2)})
    (node,) = of(stacked, "frame_stack")
    assert (node.slot, node.evaluation) == ("frame_stack(mu, n=2)", None)
    (pure,) = of(composed(actor(), {"x": Apply("tanh", "mu")}), "tanh")
    assert (pure.slot, pure.evaluation) == (None, None)


def test_a_draw_is_called_by_its_number():
    graph = composed(actor(), {"a": Apply("noise", "mu", draw=3), "b": Apply("noise", "mu")})
    assert sorted(node.slot for node in of(graph, "noise")) == ["noise(mu)", "noise_3(mu)"]


def test_no_slot_is_that_of_another():
    text = """%0 = input() {name = "obs", shape = [3]} : f32[3]
%1 = noise(%0) {std = 1.0} evaluation(1) slot("noise(x)") : f32[3]
output x = %1
"""
    graph = composed(Graph.from_text(text), {"x": "x", "y": Apply("noise", "x")})
    assert [node.slot for node in of(graph, "noise")] == ["noise(x)", "noise(x)_1"]
