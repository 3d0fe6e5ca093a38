"""`assert_equivalent` passes what is the same, and says what is not."""

from __future__ import annotations

from random import Random

import pytest
import torch

import rl2graph
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Image, Record, Vector, unbounded
from rl2graph.testing import (
    BREAKING,
    PRESERVING,
    assert_equivalent,
    confirms_breaking,
    interpreted,
    random_program,
)
from rl2graph.testing.counting import weighted_ops
from tests.support import SHARED, TWO, VECTOR, float64

SPACES = {"observation_space": VECTOR, "action_space": TWO}


def spaces_of(program):
    return {"observation_space": program.observation, "action_space": program.action}


@pytest.mark.parametrize("seed", range(4 * len(PRESERVING)))
def test_rewritten_programs_are_equivalent(seed):
    program = random_program(seed)
    text = PRESERVING[seed % len(PRESERVING)](program.text, Random(seed))
    if text is not None:
        agreement = assert_equivalent(program.text, text, **spaces_of(program), seeds=(seed,))
        assert agreement.structure is None


def test_broken_programs_are_not():
    refused = 0
    for seed in range(12 * len(BREAKING)):
        program = random_program(seed)
        text = BREAKING[seed % len(BREAKING)](program.text, Random(seed))
        try:
            if text is None or not confirms_breaking(program.text, text, **spaces_of(program), seeds=(0,)):
                continue
        except DiagnosticError:
            continue
        with pytest.raises(AssertionError, match="A and B are not equivalent"):
            assert_equivalent(program.text, text, **spaces_of(program), seeds=(0,))
        refused += 1
    assert refused > 12


NETWORK = (
    "e = batch_norm(obs) |> dense(3)\nh = e |> dropout(0.5) |> lstm(3)\npi = head(h)\nv = head(detach(h))"
)

DIFFERENT = {
    "a value": ("head(h)", "head(relu(h))", "output pi differs by up to"),
    "a gradient": ("head(detach(h))", "head(h)", "the gradient of output v for h.weight_ih differs"),
    "noise": ("dropout(0.5)", "dropout(0.4)", "in mode train"),
    "statistics": ("batch_norm(obs)", "batch_norm(obs, momentum=0.3)", "e.batch_norm.running_mean differs"),
    "a state": ("lstm(3)\n", "lstm(4)\n", "the state is h.hidden [3], h.cell [3] in A and h.hidden [4]"),
    "outputs": ("v = head", "w = value", "outputs are pi, v in A and pi in B"),
    "a shape": ("dense(3)", "dense(4)", "owner e of A has weight [3, 4], bias [3], and e of B has"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_differs_is_said(what):
    old, new, said = DIFFERENT[what]
    assert old in NETWORK
    with pytest.raises(AssertionError) as caught:
        assert_equivalent(NETWORK, NETWORK.replace(old, new), **SPACES)
    assert said in str(caught.value)
    assert "\n  graphs: " in str(caught.value)


def test_the_state_after_and_the_gradient_for_inputs_are_compared():
    a = "h = lstm(obs, 3)\noutput o = sum(detach(h))"
    with pytest.raises(AssertionError, match="the gradient for the input obs"):
        assert_equivalent(a, a.replace("lstm(obs", "lstm(detach(obs)"), **SPACES)
    b = "h = lstm(obs, 3)\noutput o = 0 * sum(h)"
    with pytest.raises(AssertionError, match=r"the state h\.hidden after"):
        assert_equivalent(b, b.replace("lstm(obs", "lstm(2 * obs"), **SPACES)


def test_values_decide_where_graphs_differ():
    agreement = assert_equivalent("output a = obs + tanh(obs)", "output a = tanh(obs) + obs", **SPACES)
    assert agreement.structure
    one, other = "pi = head(relu(obs))", "pi = head(maximum(obs, 0))"
    with pytest.raises(AssertionError, match="A evaluates relu 1 times, B 0 times"):
        assert_equivalent(one, other, **SPACES)
    assert assert_equivalent(one, other, **SPACES, counts=False).runs == 3


def test_owners_may_be_said():
    a = "x = dense(obs, 4)\ny = dense(obs, 4)\noutput o = x + y"
    b = "u = dense(obs, 4)\nw = dense(obs, 4)\noutput o = w + u"
    assert assert_equivalent(a, b, **SPACES).owners == {"x": "w", "y": "u"}
    agreement = assert_equivalent(a, b, **SPACES, owners={"x": "u", "y": "w"})
    assert agreement.owners == {"x": "u", "y": "w"}
    c = "u = dense(obs, 4)\nw = dense(obs, 4)\noutput o = w - u"
    with pytest.raises(AssertionError, match="output o differs"):
        assert_equivalent(a.replace("x + y", "x - y"), c, **SPACES, owners={"x": "u", "y": "w"})


def test_evaluations_are_counted():
    once = "module f(x) = dense(x, 3)\noutput a = f(obs), b = f(obs)"
    twice = once.replace("b = f(obs)", "b = f(maximum(obs, obs))")
    with pytest.raises(AssertionError) as caught:
        assert_equivalent(once, twice, **SPACES)
    assert "A evaluates dense 1 times, B 2 times" in str(caught.value)
    assert "A dispatches, on weights, aten.addmm.default 1 times, B 2 times" in str(caught.value)
    assert assert_equivalent(once, twice, **SPACES, counts=False).structure


@pytest.mark.parametrize("level", [0, 1])
def test_the_level_of_a_model_does_not_matter(level):
    model = rl2graph.compile(SHARED, **SPACES, level=level)
    for other in (SHARED, rl2graph.compile(SHARED, **SPACES, level=1 - level)):
        assert assert_equivalent(model, other).structure is None


def test_states_are_compared_by_their_shapes():
    frames = [f"output a = sum(frame_stack(obs, {count}))" for count in (13, 22)]
    with pytest.raises(AssertionError, match=r"the state is \S+ \[12, 4\] in A and \S+ \[21, 4\] in B"):
        assert_equivalent(*frames, **SPACES)


def test_joints_of_named_agents_are_compared():
    spec = "q = head(concat(obs, joint(act)))"
    renamed = "every = joint(act)\nq = head(concat(obs, every))"
    given = {"observation_space": VECTOR, "action_space": unbounded((2,)), "agents": ["one", "two"]}
    assert assert_equivalent(spec, renamed, **given).structure is None
    assert assert_equivalent(rl2graph.compile(spec, **given), renamed).structure is None
    acts = {name: torch.randn(3, 2, dtype=torch.float64) for name in ("one", "two")}
    obs = torch.randn(3, 4, dtype=torch.float64)
    assert interpreted(spec, {"obs": obs, "joint_act": acts}, **given)["q"].shape == (3,)


def test_weighted_ops_are_those_that_compute_from_weights():
    layer, x = torch.nn.Linear(3, 2), torch.randn(5, 3)
    assert weighted_ops(layer.parameters(), lambda: layer(x).tanh())[1] == {"aten.addmm.default": 1}
    assert weighted_ops(layer.parameters(), lambda: layer.weight.T.reshape(-1))[1].total() == 1
    assert not weighted_ops(layer.parameters(), lambda: layer.weight.T.expand(4, 3, 2)[None])[1]
    assert not weighted_ops(layer.parameters(), lambda: x @ x.T)[1]


def test_models_are_copied():
    model = rl2graph.compile(NETWORK, **SPACES)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    assert_equivalent(model, NETWORK)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert next(model.parameters()).dtype == torch.float32


def test_an_environment_parameters_images_and_parts():
    assert_equivalent("pi = head(obs)", "x = obs\npi = head(x)", env="CartPole-v1")
    widths = "param n = 3\npi = obs |> dense(n) |> head", "param n = 5\npi = head(dense(obs, n))"
    assert_equivalent(*widths, **SPACES, params={"n": 4})
    spaces = Record((("cam", Image((2, 6, 5), channels_last=True)), ("at", Vector((3,)))))
    text = "e = flatten(obs.cam)\nmu = head(concat(e, obs.at))\nq = head(concat(e, act))"
    other = "x = obs.cam |> flatten\nmu = head(concat(x, obs.at))\nq = head(concat(x, act))"
    assert_equivalent(text, other, observation_space=spaces, action_space=unbounded((2,)))


def test_a_spec_with_an_error_is_refused():
    with pytest.raises(DiagnosticError, match="RLG202"):
        assert_equivalent("pi = head(obs)", "pi = haed(obs)", **SPACES)


def test_the_interpreter_agrees_with_models():
    model = rl2graph.compile(NETWORK, **SPACES, seed=4)
    obs = torch.randn(3, 4, dtype=torch.float64)
    meant = interpreted(NETWORK, {"obs": obs}, **SPACES, seed=4)
    assert set(meant) == {"pi", "v", "state"}
    with float64(), torch.no_grad():
        given = model.double().eval()(obs)
    torch.testing.assert_close(given["pi"], meant["pi"])
    torch.testing.assert_close(interpreted(model, {"obs": obs})["v"], meant["v"])
    moved = interpreted(NETWORK, {"obs": obs}, **SPACES, mode="train")["statistics"]
    assert set(moved) == {"e.batch_norm.running_mean", "e.batch_norm.running_var"}
    weights = {key: torch.zeros_like(value) for key, value in model.state_dict().items()}
    assert not interpreted(NETWORK, {"obs": obs}, **SPACES, weights=weights)["pi"].any()
    with pytest.raises(DiagnosticError):
        interpreted("pi = haed(obs)", {"obs": obs}, **SPACES)
