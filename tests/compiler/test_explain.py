"""Why two values are one computation, or are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rl2graph.compiler.explain import explain_merge
from rl2graph.compiler.pipeline import landing, optimise
from rl2graph.diagnostics import DiagnosticError
from tests.programs import random_program
from tests.support import SHARED, graph_of

CASES = {
    "one": (
        SHARED,
        "f.dense",
        "f.dense",
        "both are dense with equal attributes, weights of f.dense (online)",
    ),
    "itself": (SHARED, "pi", "pi", None),
    "copies": ("output a = flatten(obs), b = obs * 1", "a", "b", "a (%1, line 1) gives the value of obs"),
    "twins": ("a = mlp(obs); b = mlp(obs); output a, b", "a", "b", "a.dense_1 and b.dense_1 own weights"),
    "op": (SHARED, "pi", "v", "one is `categorical`, the other `value`"),
    "operands": (
        "output a = concat(obs, obs), b = concat(obs, obs, obs)",
        "a",
        "b",
        "one has 2 operands, the",
    ),
    "deep": (
        "output a = relu(elu(obs, 1.0)), b = relu(elu(obs, 2.0))",
        "a",
        "b",
        "`alpha` is 1.0 in one, 2.0",
    ),
    "bits": ("output a = obs * 0.0, b = obs * -0.0", "a", "b", "`value` is 0.0 in one, -0.0 in the other"),
    "order": ("t = tanh(obs); output a = obs + t, b = t + obs", "a", "b", "never goes by commutativity"),
    "mixed": ("t = tanh(obs); output a = obs - t, b = t - obs", "a", "b", "operands are in another order"),
    "noise": ("output a = obs |> dropout, b = obs |> dropout", "a", "b", "each with noise of its own"),
    "statistics": (
        "encoder f(x) = batch_norm(x); output a = f(obs), b = f(obs)",
        "a",
        "b",
        "each of which moves the statistics of f",
    ),
    "state": (
        "encoder f(x) = lstm(x, 4); output a = f(obs), b = f(f(obs) |> dense(4))",
        "%1",
        "%4",
        "they read obs (%0, line 1) in one, b.dense (%3, line 1) in the other",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reason_is_given(case):
    text, one, other, said = CASES[case]
    explained = explain_merge(graph_of(text), one, other)
    assert explained.merged == (case in ("one", "itself", "copies"))
    assert said is None or any(said in line for line in explained.lines), explained.lines
    assert str(explained).count("\n") == len(explained.lines) - 1


def test_versions_are_told_apart():
    graph = graph_of("encoder f(x) = dense(x, 3); output a = f(obs), b = f(obs)")
    graph = replace(graph, nodes=(*graph.nodes[:2], replace(graph.nodes[2], version="target")))
    assert "versions online and target" in explain_merge(graph, "%1", "%2").lines[-1]


@pytest.mark.parametrize("name", ["pj", "%99", "%x", ""])
def test_names_that_no_value_has_are_refused(name):
    with pytest.raises(DiagnosticError, match="RLG201"):
        explain_merge(graph_of(SHARED), name, "pi")


def test_explanations_agree_with_what_is_done():
    merged = 0
    for seed in range(60):
        program = random_program(seed)
        graph = graph_of(program.text, program.observation, program.action)
        _, reports = optimise(graph, 1)
        for a in range(len(graph.nodes)):
            for b in range(a):
                one = landing(reports, a) == landing(reports, b) != -1
                dead = -1 in (landing(reports, a), landing(reports, b))
                explained = explain_merge(graph, f"%{a}", f"%{b}")
                assert dead or explained.merged == one, (seed, a, b)
                merged += explained.merged
    assert merged > 20
