"""Compositions as graphs: what stands in the place of inputs, and what cannot."""

from __future__ import annotations

import pytest

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Apply, Call, Input
from rl2graph.ir.graph import Graph
from rl2graph.ir.types import f32
from rl2graph.spaces import Discrete, Image, Record, Vector, unbounded
from tests.compiler.entries.composed import NEXT, actor, composed, names, of, ops
from tests.support import VECTOR, graph_of


def test_an_input_is_renamed_once_and_keeps_its_type():
    graph = composed(actor(), {"a": Call("mu", {"obs": NEXT}), "b": Call("q", {"obs": NEXT})})
    assert graph.inputs == ("act", "next_obs")
    _, after = of(graph, "input")
    assert after.type == f32(4)
    assert after.attributes == (("name", "next_obs"), *of(actor(), "input")[0].attributes[1:])
    assert names(graph)[graph.nodes.index(after)] == "next_obs"


def test_an_input_may_be_renamed_to_one_that_the_spec_has():
    graph = graph_of("input goal: f32[4]; x = tanh(obs); y = tanh(goal); output x, y")
    after = composed(
        graph, {"x": "x", "y": Call("y", {"goal": Input("obs")}), "z": Call("x", {"obs": Input("goal")})}
    )
    assert ops(after).count("input") == 2
    assert after.output["x"].node != after.output["y"].node  # two evaluations, which dedup makes one of
    with pytest.raises(ValueError, match=r"input 'act' is f32\[3\], not also one of f32\[4\]"):
        compose(actor(), ["mu"], {"obs": Input("act")})


@pytest.mark.parametrize("name", ["torch", "self", "class", "a b", "", "1x", "noise", "state"])
def test_names_that_no_input_can_have(name):
    with pytest.raises(ValueError, match="cannot be an input's name"):
        compose(actor(), ["mu"], {"obs": Input(name)})


PARTS = Record((("camera", Image((3, 4, 4))), ("goal", Vector((2,)))))


def test_parts_of_an_input_are_renamed_together_and_one_by_one():
    graph = graph_of("q = concat(flatten(obs.camera), obs.goal)", PARTS)
    whole = composed(graph, {"q": Call("q", {"obs": NEXT})})
    paths = [(node.values["name"], node.values["path"]) for node in of(whole, "input")]
    assert sorted(paths) == [("next_obs", ("camera",)), ("next_obs", ("goal",))]
    assert {place.name for place in whole.provenance} >= {"next_obs.camera", "next_obs.goal"}
    part = composed(graph, {"q": Call("q", {"obs.goal": NEXT})})
    paths = [(node.values["name"], node.values["path"]) for node in of(part, "input")]
    assert sorted(paths) == [("next_obs", ()), ("obs", ("camera",))]
    with pytest.raises(ValueError, match="not also one of"):
        composed(graph, {"a": Call("q", {"obs.goal": NEXT}), "b": Call("q", {"obs": NEXT})})


def test_the_one_part_of_an_input_is_bound_by_its_path():
    graph = graph_of(
        "t = tanh(obs.goal); q = dense(obs.goal, 2); output t, q", Record((("goal", Vector((2,))),))
    )
    assert composed(graph, {"q": Call("q", {"obs.goal": Call("t")})}).inputs == ("obs",)
    with pytest.raises(ValueError, match=r"'obs' has parts, which are bound one by one: obs\.goal"):
        compose(graph, {"q": Call("q", {"obs": Call("t")})})


def test_what_is_not_there_is_named_with_what_is():
    graph = graph_of("q = concat(flatten(obs.camera), obs.goal)", PARTS)
    with pytest.raises(
        KeyError, match=r"no input 'obs\.gaol', the inputs are obs\.camera, obs\.goal; did you mean"
    ):
        compose(graph, ["q"], {"obs.gaol": NEXT})
    with pytest.raises(KeyError, match="no output 'zzz', the outputs are mu, q\""):
        compose(actor(), ["zzz"])
    with pytest.raises(KeyError, match="no op 'zzzzzz'\""):
        compose(actor(), {"a": Apply("zzzzzz", "mu")})
    with pytest.raises(KeyError, match="no op 'constant'"):
        compose(actor(), {"a": Apply("constant")})


def test_a_bound_value_takes_the_place_of_the_encoded_input():
    graph = graph_of(
        "soft = softmax(dense(obs, 3)); q = dense(concat(obs, act), 1); output soft, q", VECTOR, Discrete(3)
    )
    assert ops(graph).count("one_hot") == 1
    bound = composed(graph, ["q"], {"act": "soft"})
    assert "one_hot" not in ops(bound)
    assert bound.inputs == ("obs",)
    image = graph_of("a = flatten(obs); b = tanh(obs); output a, b", Image((2, 3, 3), channels_last=True))
    again = composed(image, {"a": Call("a", {"obs": Call("b")})})
    assert ops(again) == [*ops(image)[:-2], "tanh", "flatten"]


TWO_READERS = """%0 = input() {name = "obs", shape = [3]} : f32[3]
%1 = input() {name = "n", dtype = "i64", shape = []} : i64[]
%2 = one_hot(%1) {n = 3} : f32[3]
%3 = one_hot(%1) {n = 2} : f32[2]
%4 = tanh(%0) : f32[3]
output a = %2
output b = %3
output t = %4
output same = %0
"""


def test_an_input_that_is_read_in_two_ways_is_replaced_as_it_is():
    graph = Graph.from_text(TWO_READERS)
    with pytest.raises(ValueError, match=r"t is f32\[3\], input 'n' takes i64\[\]"):
        compose(graph, ["a"], {"n": "t"})
    one_reader = Graph.from_text(
        TWO_READERS.replace("%3 = one_hot(%1) {n = 2} : f32[2]", "%3 = neg(%2) : f32[3]")
    )
    assert ops(composed(one_reader, ["b"], {"n": "t"})) == ["input", "tanh", "neg"]


def test_an_input_that_is_an_output_is_replaced_too():
    graph = composed(Graph.from_text(TWO_READERS), ["same"], {"obs": NEXT})
    assert graph.inputs == ("next_obs",)
    graph = composed(Graph.from_text(TWO_READERS), {"same": Call("same", {"obs": "a"})})
    assert ops(graph) == ["input", "one_hot"]


def test_every_reader_gets_the_bound_value():
    text = "a = dense(obs, 3); b = tanh(act) - act * act; output a, b, c = concat(act, b)"
    bound = composed(graph_of(text, VECTOR, unbounded((3,))), ["b", "c"], {"act": "a"})
    assert bound.inputs == ("obs",)


def test_a_chain_of_bindings_is_worked_out_once():
    text = "input g: f32[4]; input h: f32[4]; x = dropout(obs); y = tanh(g); z = g - h; output x, y, z"
    graph = composed(graph_of(text), {"z": "z"}, {"h": "y", "g": "x"})
    assert graph.inputs == ("obs",)
    assert ops(graph).count("dropout") == 1
    assert ops(graph) == ["input", "dropout", "tanh", "sub"]


@pytest.mark.parametrize(
    ("terms", "bind", "said"),
    [
        (["z"], {"g": "y"}, "y depends on input 'g' itself"),
        (["z"], {"g": Apply("tanh", "y")}, "depends on input 'g' itself"),
        ({"z": Call("z", {"h": "x"})}, {"h": "x"}, "input 'h' is bound, but nothing here reads it"),
        ({"z": Call("y", {"h": "x"})}, {}, "input 'h' is bound, but nothing here reads it"),
        ({"z": 2}, {}, "the number 2 is an operand of arithmetic alone"),
        (["z"], {"g": Call("w")}, r"^w is f32\[1\], input 'g' takes f32\[4\]"),
        (["z"], {"g": "w"}, r"^w is f32\[1\], input 'g' takes f32\[4\]"),
        (["z"], {"g": 2.0}, "the number 2.0 is an operand of arithmetic alone"),
        (["z"], {"g": "x", "g.part": "y"}, "'g.part', which is a part of it, too"),
        ({"state": "z"}, {}, "'state' cannot be an output's name"),
        ({'a"b': "z"}, {}, "cannot be an output's name"),
        ({"a": Apply("tanh", "x", draw=1)}, {}, "tanh draws nothing"),
        ({"z": Call("z", {"h": Input("__h")})}, {}, "'__h' cannot be an input's name"),
        ({"z": Call("z", {"h": Input("\ufb01")})}, {}, "cannot be an input's name"),
        ({"a": Apply("relu", 2.0)}, {}, "relu takes tensors, or numbers beside them"),
        ({"a": Apply("relu")}, {}, "relu does not take 0 operands"),
        ({"a": Apply("concat")}, {}, "concat does not take 0 operands"),
        ({"a": Apply("add", "x", "y", "z")}, {}, "add does not take 3 operands"),
        ({"a": Apply("add", "x", "w2")}, {}, "axes of 4 and 2 differ"),
    ],
)
def test_what_cannot_be_is_refused(terms, bind, said):
    text = (
        "input g: f32[4]; input h: f32[4]; x = tanh(obs); y = tanh(g); z = g - h; w = dense(obs, 1);"
        " w2 = dense(obs, 2); output x, y, z, w, w2"
    )
    with pytest.raises(ValueError, match=said):
        compose(graph_of(text), terms, bind)


def test_what_is_no_term_is_refused():
    with pytest.raises(TypeError, match="an entry computes outputs by name, Call or Apply, not None"):
        compose(actor(), {"a": None})


@pytest.mark.parametrize("operand", [None, True, ("x",)])
def test_what_is_no_operand_is_refused(operand):
    with pytest.raises(TypeError, match="an operand is an output by name"):
        Apply("tanh", operand)


def test_a_variadic_op_takes_any_number():
    for count in 1, 2, 3:
        graph = composed(actor(), {"a": Apply("concat", *("mu",) * count)})
        assert graph.nodes[graph.output["a"].node].type.dims == (3 * count,)


def test_attributes_are_coerced_and_completed():
    graph = composed(actor(), {"a": Apply("elu", "mu", alpha=2), "b": Apply("elu", "mu")})
    assert [node.attributes for node in of(graph, "elu")] == [(("alpha", 2.0),), (("alpha", 1.0),)]
