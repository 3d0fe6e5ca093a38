"""What terms are called, how deep they are, and what names say that cannot be."""

from __future__ import annotations

import pytest

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import LONGEST, Apply, Call, Input
from rl2graph.ir.graph import TARGET
from rl2graph.spaces import Record, Vector
from tests.compiler.entries.composed import NEXT, actor
from tests.support import graph_of


def test_a_term_is_called_by_what_it_reads():
    for term, label, depth in (
        (NEXT, "next_obs", 1),
        (Call("q"), "q", 1),
        (Call("q", version=TARGET), "target.q", 1),
        (Call("q", {"obs": NEXT, "act": "mu"}), "q(mu, next_obs)", 2),
        (Call("q", {"act": Call("mu", {"obs": NEXT})}, TARGET), "target.q(mu(next_obs))", 3),
        (Apply("add", "mu", 0.5), "add(mu, 0.5)", 2),
        (Apply("noise", Apply("tanh", "mu"), draw=3, std=0.5), "noise_3(tanh(mu), std=0.5)", 2),
    ):
        assert (term.label, term.depth) == (label, depth)


def test_long_names_end_in_a_part_of_the_key():
    whole, cut = Input("a" * LONGEST), Input("a" * (LONGEST + 1))
    assert whole.label == "a" * LONGEST
    assert cut.label == f"{'a' * (LONGEST - 9)}_{cut.key[:8]}"
    assert len(cut.label) == LONGEST


def test_an_output_is_called_by_a_name():
    with pytest.raises(TypeError, match=r"^an output is called by a name, not 3$"):
        compose(actor(), {3: "q"})


def test_an_input_of_parts_is_no_input_of_another_type():
    text = "input goal: f32[3]; q = concat(obs.left, obs.right); p = tanh(goal); output q, p"
    graph = graph_of(text, Record((("left", Vector((4,))), ("right", Vector((2,))))))
    other = Input("other")
    with pytest.raises(ValueError, match=r"input 'other\.left' is f32\[4\], not also one of f32\[3\]"):
        compose(graph, {"q": Call("q", {"obs": other}), "p": Call("p", {"goal": other})})
    with pytest.raises(ValueError, match=r"input 'other' is f32\[3\], not also one of f32\[4\]"):
        compose(graph, {"p": Call("p", {"goal": other}), "q": Call("q", {"obs": other})})
