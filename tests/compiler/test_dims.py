"""Dims that have only a name: they pass through shapes, and become what they are compared with."""

from __future__ import annotations

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.diagnostics.render import render_full
from rl2graph.ir.verify import verify
from rl2graph.spaces import Discrete, Image, Record, Vector


def analysed(text, observation=None, action=None):
    return analyse(parse(text), Interface(observation, action))


def types(text, observation=None, action=None):
    analysis = analysed(text, observation, action)
    assert analysis.graph is not None, [render_full(d) for d in analysis.diagnostics]
    graph = analysis.graph
    return {o.name: str(graph.nodes[o.node].type) for o in graph.outputs}


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("concat(obs, obs, relu(obs))", "f32[3 * n]"),
        ("obs |> dense(8)", "f32[8]"),
        ("stack(obs, obs) |> flatten", "f32[2 * n]"),
        ("obs * 2 + obs", "f32[n]"),
    ],
)
def test_shapes_carry_symbols(value, type_):
    assert types(f"input obs: f32[n]\noutput x = {value}") == {"x": type_}


def test_windows_of_an_image_of_unknown_size():
    text = "input obs: image[c, h, w]\noutput x = obs |> conv2d(8, kernel=3, stride=2) |> flatten"
    assert types(text) == {"x": "f32[((w - 3) // 2 + 1) * (8 * ((h - 3) // 2) + 8)]"}


def test_a_comparison_decides_a_symbol_everywhere():
    text = "input obs: f32[n]\na = dense(obs, 4)\noutput b = a + obs\noutput c = obs"
    assert types(text) == {"b": "f32[4]", "c": "f32[4]"}


def test_a_graph_whose_symbols_were_decided_is_sound_and_known():
    text = "input obs: f32[n]\noutput b = dense(obs, 4) + obs"
    graph = analysed(text).graph
    assert graph is not None
    assert graph.known
    verify(graph, "analysis")


def test_two_symbols_become_one():
    text = "input obs: f32[n]\ninput goal: f32[m]\noutput d = obs - goal\noutput e = concat(obs, goal)"
    assert types(text)["e"] in ("f32[2 * n]", "f32[2 * m]")


def test_a_contradiction_says_where_the_symbol_became_what_it_is():
    text = "input obs: f32[n]\nb = dense(obs, 4) + obs\noutput c = dense(obs, 5) + obs"
    (found,) = [d for d in analysed(text).diagnostics if d.is_error]
    assert found.code == "RLG301"
    assert any("`n` is 4 because of this" in label.text for label in found.labels)


def test_the_environment_decides_symbols():
    text = "input obs: f32[n]\ninput goal: f32[n]\noutput d = dense(obs - goal, 3)"
    graph = analysed(text, Vector((6,)), Discrete(2)).graph
    assert graph is not None
    assert graph.known
    assert graph.owner["d"].weights[0].shape == (3, 6)


def test_the_environment_contradicts_a_symbol_used_twice():
    text = "input obs: { a: f32[n], b: f32[n] }\noutput d = obs.a + obs.b"
    observation = Record((("a", Vector((3,))), ("b", Vector((4,)))))
    assert [d.code for d in analysed(text, observation).diagnostics] == ["RLG503"]


def test_a_misspelt_parameter_is_no_symbol():
    text = "param width = 8\ninput obs: f32[widht]\noutput x = dense(obs, width)"
    (found, *_) = analysed(text).diagnostics
    assert found.code == "RLG201"
    assert found.fix is not None
    assert found.fix.replacement == "width"


def test_a_kernel_that_is_surely_too_large_is_refused_and_one_that_may_fit_is_not():
    text = "input obs: image[3, 4, w]\noutput x = conv2d(obs, 8, kernel={})"
    assert [d.code for d in analysed(text.format(5)).diagnostics] == ["RLG301"]
    assert not [d for d in analysed(text.format(4)).diagnostics if d.is_error]


def test_one_module_on_two_symbols_makes_them_one():
    text = "input obs: f32[n]\ninput goal: f32[m]\nencoder f(x) = dense(x, 3)\noutput y = f(obs) + f(goal)"
    analysis = analysed(text)
    assert analysis.graph is not None
    inputs = [node.type for node in analysis.graph.nodes if node.op == "input"]
    assert len(set(inputs)) == 1


def test_images_take_the_environments_layout():
    text = "input obs: image[c, h, w]\noutput x = conv2d(obs, 4, kernel=3)"
    assert types(text, Image((3, 10, 12), channels_last=True)) == {"x": "f32[4, 8, 10]"}
