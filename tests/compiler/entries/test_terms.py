"""Terms as keys, and numbers in them: compared by their bits."""

from __future__ import annotations

import pickle

import pytest

from rl2graph.compiler.entries.compose import _Composer
from rl2graph.compiler.entries.terms import Apply, Call, Frozen, Input
from rl2graph.ir.graph import TARGET
from rl2graph.model.programs import Request
from tests.compiler.entries.composed import NEXT, actor, composed, ops
from tests.support import graph_of


def test_numbers_are_compared_by_their_bits():
    graph = actor()
    for one, other in (0.0, -0.0), (1.0, 2.0):
        sums = composed(graph, {"a": Apply("add", "mu", one), "b": Apply("add", "mu", other)})
        assert sums.output["a"].node != sums.output["b"].node
        clips = composed(
            graph,
            {
                "a": Apply("clip", "mu", low=one, high=3.0),
                "b": Apply("clip", "mu", low=other, high=3.0),
            },
        )
        assert clips.output["a"].node != clips.output["b"].node


def test_keys_of_terms_tell_apart_what_compositions_tell_apart():
    assert Apply("add", "mu", 0.0) != Apply("add", "mu", -0.0)
    assert Apply("add", "mu", 2) == Apply("add", "mu", 2.0)
    assert Apply("add", "mu", float("nan")) == Apply("add", "mu", float("nan"))
    assert Apply("add", "mu", "inf") != Apply("add", "mu", float("inf"))
    terms = [
        "q",
        Call("q"),
        Call("mu"),
        Call("q", version=TARGET),
        Call("q", {"act": "mu"}),
        Call("q", {"act": Call("mu")}),
        Call("q", {"act": Input("mu")}),
        Call("q", {"obs": "mu"}),
        Input("q"),
        Apply("tanh", "q"),
        Apply("relu", "q"),
        Apply("tanh", "mu"),
        Apply("softmax", "q"),
        Apply("softmax", "q", axis=0),
        Apply("softmax", "q", axis=-1),
        Apply("sub", "q", "mu"),
        Apply("sub", "mu", "q"),
    ]
    assert len(set(terms)) == len(terms)
    assert Call("q", {"obs": NEXT, "act": "mu"}) == Call("q", {"act": "mu", "obs": NEXT})
    assert Frozen({"obs": NEXT}) != Frozen({"obs": Input("other")})


def test_terms_inside_terms_are_compared_as_terms():
    ways = [{"obs": NEXT, "act": Input("a")}, {"act": Input("a"), "obs": NEXT}]
    one, other = (Call("q", {"act": Call("mu", bind)}) for bind in ways)
    assert repr(one) != repr(other)
    assert one == other
    assert len({one, other}) == 1


def test_terms_show_what_they_are():
    assert repr(Call("q", {"act": "mu"}, TARGET)) == "Call(output='q', bind={'act': 'mu'}, version='target')"


def test_keys_of_requests_tell_apart_what_entries_do():
    requests = [
        Request({"q": "q"}),
        Request({"p": "q"}),
        Request({"q": "mu"}),
        Request({"q": "q", "mu": "mu"}),
        Request({"mu": "mu", "q": "q"}),
        Request({"q": "q"}, {"act": "mu"}),
        Request({"q": "q"}, train=frozenset()),
        Request({"q": "q"}, train=frozenset({"q"})),
        Request({"q": "q"}, mode="train"),
        Request({"q": "q"}, version=TARGET),
    ]
    assert len({request.key for request in requests}) == len(requests)


def test_an_action_with_a_number_in_it_is_drawn_once():
    action = Apply("noise", Apply("mul", "mu", 2.0), std=0.1)
    graph = composed(actor(), {"one": Call("q", {"act": action}), "two": Call("q", {"act": action})})
    assert ops(graph).count("noise") == ops(graph).count("constant") == 1
    assert graph.output["one"].node == graph.output["two"].node


def test_terms_that_share_parts_cost_no_more_than_their_number():
    graph = graph_of("x = tanh(obs); y = obs + input_b; output x, y".replace("input_b", "1"))
    term = "x"
    for _ in range(400):
        term = Apply("add", term, term)
    after = composed(graph, {"sum": term, "again": term})
    assert ops(after).count("add") == 400
    assert term == Apply("add", *term.operands)
    state = Call("x")
    for _ in range(300):
        state = Call("x", {"obs": state})
    assert ops(composed(graph, {"last": state})).count("tanh") == 301
    assert len(state.label) == 60
    bound = composed(actor(), {"q": "q"}, {"act": deep("mu")})
    assert ops(bound).count("neg") == 400


def deep(term):
    for _ in range(400):
        term = Apply("neg", term)
    return term


def test_a_call_that_several_terms_share_is_worked_out_once(monkeypatch):
    worked_out = []
    output = _Composer._output
    monkeypatch.setattr(
        _Composer, "_output", lambda self, *given: worked_out.append(0) or output(self, *given)
    )
    graph = graph_of("mu = tanh(obs); act2 = obs * 2; next = obs + mu; output mu, next")
    state = Call("next")
    for _ in range(12):
        state = Call("next", {"obs": Apply("add", state, Call("mu", {"obs": state}))})
    composed(graph, {"last": state, "target": state})
    assert len(worked_out) == 25  # 13 states and 12 actions


def test_draws_are_numbered_and_numbers_are_floats():
    for draw in (-1, "a", [1], True):
        with pytest.raises(ValueError, match="numbered from 0"):
            Apply("noise", "mu", draw=draw)
    with pytest.raises(ValueError, match=r"^a number that is larger than any float$"):
        Apply("mul", "mu", 10**400)
    assert pickle.loads(pickle.dumps(Apply("mul", Call("q", {"obs": NEXT}), 2.0))) == Apply(
        "mul", Call("q", {"obs": NEXT}), 2.0
    )
