"""Compositions that are wrong are found: by value, by their evaluations, and by who shares a draw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Apply, Call, Input
from rl2graph.ir.graph import Graph, Output
from rl2graph.ir.slots import with_effects
from rl2graph.spaces import Vector
from rl2graph.testing.generation.programs import Program
from tests.proof import composition, running
from tests.proof.composition import effect_faults
from tests.proof.draws import draw
from tests.proof.sources import MODES
from tests.support import TWO, float64, graph_of


def test_a_composition_is_held_to_what_its_terms_mean(monkeypatch):
    def other(literal: Graph, terms):
        composed = compose(literal, terms)
        first = composed.outputs[0]
        types = [node.type for node in composed.nodes]
        moved = [
            index for index, type_ in enumerate(types) if type_ == types[first.node] and index != first.node
        ]
        node = moved[0] if moved else first.node
        return replace(composed, outputs=(Output(first.name, first.role, node), *composed.outputs[1:]))

    compose = running.compose
    program = Program("n0 = tanh(obs); output n0, n1 = n0 + 1", Vector((4,)), TWO)
    assert running.run_entries(program, 0).faults == []
    monkeypatch.setattr(running, "compose", other)
    assert any("the composition is not" in fault for fault in running.run_entries(program, 0).faults)


def one_draw(graph):
    first = graph.outputs[0].node
    return replace(graph, outputs=tuple(replace(output, node=first) for output in graph.outputs))


def a_draw_more(graph):
    output = graph.outputs[-1]
    node = graph.nodes[output.node]
    again = replace(node, evaluation=(node.evaluation or 0) + 9, slot=node.slot and f"{node.slot}_again")
    outputs = (*graph.outputs[:-1], replace(output, node=len(graph.nodes)))
    return Graph((*graph.nodes, again), outputs, graph.owners)


def changed(**values):
    def rewrite(graph):
        last = replace(graph.nodes[-1], **values)
        return Graph((*graph.nodes[:-1], last), graph.outputs, graph.owners)

    return rewrite


NOISES = "output a = noise(obs), b = noise(obs)"
NORM = "output a = batch_norm(obs)"
NEXT = {"obs": Input("next_obs")}


@pytest.mark.parametrize(
    ("text", "terms", "wrong", "said"),
    [
        (NOISES, {"a": "a", "b": "b"}, one_draw, "b shares %1 noise"),
        (NOISES, {"a": "a", "b": "a"}, a_draw_more, "repeats %2 noise"),
        (NOISES, {"a": Apply("noise", "a"), "b": Apply("noise", "a", draw=1)}, one_draw, "b shares"),
        (NOISES, {"a": Call("a", NEXT), "b": Call("a", NEXT)}, a_draw_more, "repeats"),
        (NOISES, {"a": Call("a", NEXT)}, changed(evaluation=None), "a has %1 noise where"),
        (NORM, {"a": Call("a", NEXT, "target")}, changed(evaluation=1), "a has %1 batch_norm where"),
        (NORM, {"a": Call("a", NEXT, "target")}, changed(version="online"), "a has %1 batch_norm where"),
        (NORM, {"a": "a"}, changed(evaluation=None), "a has %1 batch_norm where"),
    ],
)
def test_effects_of_a_composition_are_held_to_its_terms(text, terms, wrong, said):
    literal = graph_of(text)
    composed = with_effects(compose(literal, terms), MODES["train"])
    for graph, found in ((composed, []), (wrong(composed), [said])):
        faults = list(effect_faults(literal, terms, graph, MODES["train"], draw(graph, 0, (4,))))
        assert len(faults) == len(found)
        assert all(part in fault for part, fault in zip(found, faults, strict=True)), faults


@pytest.mark.parametrize("text", [NOISES, NORM, "output a = lstm(obs, 3)", "output a = running_norm(obs)"])
def test_values_with_effects_are_held_to_the_steps(text, monkeypatch):
    def other(*given, **conditions):
        found = interpret(*given, **conditions)
        return found | {"a": -found["a"]}

    literal, interpret = graph_of(text), composition.interpret
    for mode in ("train", "collect"):
        composed = with_effects(compose(literal, {"a": Call("a", NEXT)}), MODES[mode])
        given = literal, {"a": Call("a", NEXT)}, composed, MODES[mode], draw(composed, 0, (4,))
        with float64():
            assert list(effect_faults(*given)) == []
            with monkeypatch.context() as patched:
                patched.setattr(composition, "interpret", other)
                assert list(effect_faults(*given)) == ["the composition: a is not what its term gives"]
