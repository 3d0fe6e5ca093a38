"""Rewrites that change the function: confirmed by the interpreter, and told apart by `match` every time."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import parse
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.canonical import function_digest, match
from rl2graph.spaces import unbounded
from rl2graph.testing import BREAKING, PRESERVING, confirms_breaking, random_program
from rl2graph.testing.confirmation import shows_difference
from rl2graph.testing.rewrites.breaking import (
    ADD_DETACH,
    CHANGE_ATTRIBUTE,
    DROP_DETACH,
    MERGE_OWNERS,
    SPLIT_OWNER,
    SWAP_OPERANDS,
)
from rl2graph.zoo import zoo
from tests.support import TWO, VECTOR

COUNT = 360
SPACES = {"observation_space": VECTOR, "action_space": TWO}


def graph_or_none(text, program):
    """The literal graph; None where the rewritten text has an error."""
    return analyse(parse(text), Interface(program.observation, program.action, groups=())).graph


@pytest.mark.parametrize("rewrite", BREAKING, ids=lambda rewrite: rewrite.name)
def test_confirmed_changes_are_told_apart(rewrite):
    outcomes = Counter()
    for seed in range(COUNT // len(BREAKING)):
        program = random_program(seed)
        text = rewrite(program.text, Random(seed))
        changed = None if text is None else graph_or_none(text, program)
        if changed is None:
            continue
        original = graph_or_none(program.text, program)
        shown = shows_difference(original, changed, seeds=(seed,))
        told = not match(optimise(original, 1)[0], optimise(changed, 1)[0])
        assert told == (function_digest(optimise(original, 1)[0]) != function_digest(optimise(changed, 1)[0]))
        assert told or not shown, f"{shown}\n{program.text}\n---\n{text}"
        outcomes[bool(shown)] += 1
    assert outcomes[True] >= 2, outcomes


def test_preserving_rewrites_are_never_confirmed_as_breaking():
    compared = 0
    for seed in range(5 * len(PRESERVING)):
        program = random_program(seed)
        text = PRESERVING[seed % len(PRESERVING)](program.text, Random(seed))
        if text is not None:
            graphs = [graph_or_none(each, program) for each in (program.text, text)]
            assert shows_difference(*graphs, seeds=(0,)) is None, f"{program.text}\n---\n{text}"
            compared += 1
    assert compared > 30


def test_shipped_specs_can_be_broken():
    specs = [spec for spec in zoo() if spec.name in ("td3", "sac", "ppo_module", "redq", "drq", "icm")]
    told = Counter()
    for rewrite in BREAKING:
        for spec in specs:
            text = rewrite(spec.text, Random(0))
            if text is not None:
                graphs = [analyse(parse(each), spec.interface()).graph for each in (spec.text, text)]
                if graphs[1] is not None:
                    told[rewrite.name] += not match(*graphs)
    assert {name for name, count in told.items() if count} == {r.name for r in BREAKING} - {"merge owners"}


def results(rewrite, text: str) -> set[str]:
    found = {rewrite(text, Random(seed)) for seed in range(30)}
    return {each for each in found if each is not None}


def test_what_each_rewrite_does():
    assert results(SWAP_OPERANDS, "output a = (obs * 2) - tanh(obs)") == {
        "output a = (tanh(obs)) - (obs * 2)",
        "output a = (2 * obs) - tanh(obs)",
    }
    assert results(SWAP_OPERANDS, "output a = obs |> sub(obs * 2)") >= {"output a = (obs * 2) |> sub(obs)"}
    assert results(DROP_DETACH, "output a = detach(obs + 1)") == {"output a = (obs + 1)"}
    assert results(DROP_DETACH, "output a = (obs + 1) |> detach |> tanh") == {"output a = (obs + 1)  |> tanh"}
    assert results(ADD_DETACH, "e = tanh(obs)\noutput a = e + 1") == {
        "e = tanh(obs)\noutput a = detach(e) + 1"
    }
    assert results(CHANGE_ATTRIBUTE, "output a = dense(obs, 3, bias=true)") == {
        "output a = dense(obs, 4, bias=true)",
        "output a = dense(obs, 2, bias=true)",
        "output a = dense(obs, 5, bias=true)",
        "output a = dense(obs, 3, bias=false)",
    }
    twice = "encoder f(x) = dense(x, 3)\noutput a = f(obs), b = f(obs)"
    assert results(SPLIT_OWNER, twice) == {
        "encoder f(x) = dense(x, 3)\nencoder s0(x) = dense(x, 3)\noutput a = s0(obs), b = f(obs)",
        "encoder f(x) = dense(x, 3)\nencoder s0(x) = dense(x, 3)\noutput a = f(obs), b = s0(obs)",
    }
    assert not results(SPLIT_OWNER, "e = tanh(obs)\noutput a = e, b = e + e")
    twins = "a = dense(obs, 3)\nb = dense(obs, 3)\noutput a, b"
    assert results(MERGE_OWNERS, twins) == {"a = dense(obs, 3)\nb = a\noutput a, b"}


CONFIRMED = {
    "a value": ("pi = head(tanh(obs))", "pi = head(relu(obs))", "output pi differs"),
    "a gradient": (
        "pi = head(dense(obs, 3))",
        "pi = head(detach(dense(obs, 3)))",
        "gradient for the input obs",
    ),
    "a split owner": (
        "e = dense(obs, 3)\npi = head(e)\nv = head(e)",
        "e = dense(obs, 3)\nf = dense(obs, 3)\npi = head(e)\nv = head(f)",
        "are 1 in A and 2 in B",
    ),
    "an owner that no gradient reaches": (
        "e = dense(obs, 3)\noutput a = e * detach(e)",
        "e = dense(obs, 3)\nf = dense(obs, 3)\noutput a = e * detach(f)",
        "gradients through all",
    ),
    "statistics": (
        "pi = head(batch_norm(obs))",
        "pi = head(batch_norm(obs, momentum=0.5))",
        "statistics of running_mean",
    ),
    "noise": ("pi = head(dropout(obs, 0.2))", "pi = head(dropout(obs, 0.6))", "in mode collect"),
    "a state": ("h = lstm(obs, 3)\npi = head(h)", "g = lstm(obs, 3)\npi = head(g)", "the state"),
    "outputs": ("pi = head(obs)", "pi = head(obs)\nv = head(obs)", "outputs: pi in A, pi, v in B"),
    "one of two losses": (
        "pi = head(obs)\nloss l = mean(obs)\nloss m = sum(obs)",
        "pi = head(obs)\nloss l = 7 * mean(obs)\nloss m = sum(obs)",
        "output loss l differs",
    ),
    "a role": ("output left: pi = head(obs)", "output left = dense(obs, 2)", "outputs: pi in A, left in B"),
    "a loss": ("pi = head(obs)\nloss l = mean(obs)", "pi = head(obs)\nloss l = sum(obs)", "output l"),
}


@pytest.mark.parametrize("what", CONFIRMED)
def test_differences_are_confirmed(what):
    a, b, said = CONFIRMED[what]
    assert said in confirms_breaking(a, b, **SPACES)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("pi = head(dense(obs, 3))", "x = dense(obs, 3)\npi = head(x)"),
        ("output a = obs + tanh(obs)", "output a = tanh(obs) + obs"),
        ("output a = dense(obs, 3) + dense(obs * 2, 3)", "output a = dense(obs * 2, 3) + dense(obs, 3)"),
        ("a = noise(obs)\nb = noise(obs)\noutput a, b", "b = noise(obs)\na = noise(obs)\noutput a, b"),
        ("output a = obs + parameter([4], value=1.0)", "output a = obs + parameter([4], value=2.0)"),
        ("pi = head(obs)", "output left: pi = head(obs)"),
        ("@init(constant, 1.0) e = dense(obs, 3)\noutput e", "e = dense(obs, 3)\noutput e"),
    ],
)
def test_what_is_the_same_is_not_confirmed(a, b):
    assert confirms_breaking(a, b, **SPACES) is None


def test_specs_with_errors_are_said():
    with pytest.raises(DiagnosticError, match="RLG202"):
        confirms_breaking("pi = head(obs)", "pi = haed(obs)", **SPACES)


def test_joints_of_named_agents_are_confirmed():
    a = "q = head(concat(obs, joint(act)))"
    given = {"observation_space": VECTOR, "action_space": unbounded((2,)), "agents": ["one", "two"]}
    assert "q" in confirms_breaking(a, a.replace("joint(act)", "2 * joint(act)"), **given)
    assert confirms_breaking(a, a, **given) is None


def test_sequences_states_and_actions_take_part():
    spaces = {"observation_space": VECTOR, "action_space": unbounded((2,))}
    a = "h = gru(concat(obs, act), 3)\nq = head(h)"
    assert "q" in confirms_breaking(a, a.replace("concat(obs, act)", "concat(obs, act * act)"), **spaces)
    assert confirms_breaking(a, f"{a}\ndead = tanh(h)", **spaces) is None
