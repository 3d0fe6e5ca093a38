"""Passes and what ops claim: an evaluation with an effect or a state is left alone, whatever its op says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rl2graph.compiler.passes.fold import fold
from rl2graph.compiler.passes.inline import inline
from rl2graph.ir.graph import Graph
from rl2graph.ir.ops.rules import always
from rl2graph.ir.table import OPS

INPUT = '%0 = input() {name = "obs", shape = [4]} : f32[4]\n'
NORM = (
    "owner b: batch_norm, weight[4] = constant(1.0), bias[4] = constant(0.0),"
    " running_mean[4] = constant(0.0) buffer, running_var[4] = constant(1.0) buffer\n"
)


@pytest.mark.parametrize(
    ("op", "text", "copies"),
    [
        ("tanh", f"{INPUT}%1 = tanh(%0) : f32[4]\noutput y = %1\n", True),
        ("batch_norm", f"{NORM}{INPUT}%1 = batch_norm(%0) @b : f32[4]\noutput y = %1\n", True),
        ("batch_norm", f"{NORM}{INPUT}%1 = batch_norm(%0) @b evaluation(1) : f32[4]\noutput y = %1\n", False),
        ("frame_stack", f"{INPUT}%1 = frame_stack(%0) {{n = 1}} slot(s) : f32[4]\noutput y = %1\n", False),
        ("noise", f"{INPUT}%1 = noise(%0) evaluation(1) slot(s) : f32[4]\noutput y = %1\n", False),
    ],
)
def test_only_an_evaluation_without_effect_or_state_is_inlined(op, text, copies, monkeypatch):
    graph = Graph.from_text(text)
    monkeypatch.setitem(OPS, op, replace(OPS[op], passes_on=always))
    after = inline(graph).graph
    assert len(after.nodes) == (1 if copies else 2)
    assert (after is graph) is not copies


@pytest.mark.parametrize(
    ("op", "attributes", "folds"),
    [
        ("tanh", "", True),
        ("frame_stack", "{n = 1} slot(s)", False),
        ("noise", "evaluation(1) slot(s)", False),
    ],
)
def test_only_an_op_without_effect_or_state_is_idempotent(op, attributes, folds, monkeypatch):
    again = attributes.replace("(1)", "(2)").replace("(s)", "(t)")
    graph = Graph.from_text(
        f"{INPUT}%1 = {op}(%0) {attributes} : f32[4]\n%2 = {op}(%1) {again} : f32[4]\noutput y = %2\n"
    )
    monkeypatch.setitem(OPS, op, replace(OPS[op], idempotent=True))
    assert len(fold(graph).graph.nodes) == (2 if folds else 3)
