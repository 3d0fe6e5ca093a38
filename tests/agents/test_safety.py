import numpy as np
import pytest
import torch

from rl2graph.agents.safety import NonFinite, check_acting, non_finite, non_finite_step
from rl2graph.diagnostics import DiagnosticError

GOOD, NAN, INF = torch.tensor(1.0), torch.tensor(torch.nan), torch.tensor(torch.inf)


def said(error, update=17, algorithm="ppo"):
    (diagnostic,) = non_finite(error, update=update, algorithm=algorithm).diagnostics
    assert diagnostic.code == "RLG610"
    return diagnostic.message, diagnostic.hint


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_step_is_told_by_its_loss_its_terms_and_owners(bad):
    grads = {
        "e.dense.weight": torch.tensor([1.0, bad]),
        "e.dense.bias": torch.tensor([bad]),
        "pi.weight": torch.tensor([1.0]),
        "pi.log_std": torch.tensor([bad]),
        "temperature": torch.tensor(bad),
    }
    error = non_finite_step(torch.tensor(bad), {"policy_loss": GOOD, "value_loss": torch.tensor(bad)}, grads)
    assert (error.what, error.owners) == ("the loss", ("e.dense", "pi", "temperature"))
    assert error.terms == ("value_loss",)
    assert non_finite_step(GOOD, {}, grads).what == "a gradient"


def test_the_message_has_update_terms_and_three_owners():
    error = NonFinite("the loss", ("a", "b.c", "d", "e", "f"), ("value_loss", "aux"))
    message, _ = said(error)
    assert message == (
        "training became non-finite in update 17: the loss (`value_loss`, `aux`) is not a finite number,"
        " nor is the gradient of `a`, `b.c`, `d` and 2 more"
    )
    assert said(NonFinite("the loss"))[0].endswith("in update 17: the loss is not a finite number")
    message, _ = said(NonFinite("a gradient", ("a", "b", "c")))
    assert message.endswith(": the loss is finite, and the gradient of `a`, `b`, `c` is not")
    message, _ = said(NonFinite("a gradient", (), ("approx_kl",)))
    assert message.endswith(": the loss is finite, and the gradient is not (`approx_kl`)")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NonFinite("the loss", ("pi",), ("policy_loss", "approx_kl")), "probability of nearly 0"),
        (NonFinite("the loss", ("v",), ("value_loss",)), "clip the rewards"),
        (NonFinite("the loss", (), ("policy_loss", "value_loss")), "observations or rewards"),
        (NonFinite("the loss", (), ()), "observations or rewards"),
        (NonFinite("a gradient", ("e",), ()), "in what the spec computes"),
        (NonFinite("the loss", ("e",), ("loss/aux",)), "in what the spec's loss `aux` computes"),
        (NonFinite("the loss", ("e",), ("loss/aux", "value_loss", "policy_loss")), "observations or rewards"),
    ],
    ids=["policy", "value", "both", "neither", "gradient", "spec", "all"],
)
def test_the_hint_goes_by_what_was_not_finite(error, expected):
    _, hint = said(error, algorithm="a2c")
    assert expected in hint
    assert "a2c.learning_rate" in hint


def acting(params=None, value=None, obs=None, **settings):
    params = np.zeros((3, 2), np.float32) if params is None else params
    value = np.zeros(3, np.float32) if value is None else value
    obs = np.zeros((3, 4), np.float32) if obs is None else obs
    check_acting(params, value, obs, **{"update": 0, "algorithm": "ppo", **settings})


def broken(shape, *places, by=np.nan):
    array = np.zeros(shape, np.float32)
    for place in places:
        array[place] = by
    return array


def refused(*args, **settings):
    with pytest.raises(DiagnosticError) as caught:
        acting(*args, **settings)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "RLG610"
    return diagnostic.message, diagnostic.hint


def test_finite_numbers_pass_masked_logits_and_whole_numbers_among_them():
    lowest = float(torch.finfo(torch.float32).min) / 4
    acting(broken((3, 2), (0, 0), (1, 0), (2, 1), by=lowest))
    acting(obs={"camera": np.zeros((3, 2, 2), np.uint8), "goal": np.zeros(3, np.int64)})
    acting(obs=broken((3, 4), 1))  # which the network masks, or does not read


@pytest.mark.parametrize("by", [np.nan, np.inf, -np.inf])
def test_an_observation_that_is_not_finite_is_named_with_its_part_and_environment(by):
    obs = {
        "camera": np.zeros((3, 2, 2), np.uint8),
        "arm": {"joints": broken((3, 4), (1, 3), by=by)},
    }
    message, hint = refused(broken((3, 2), (1, 0), by=by), broken(3, 1, by=by), obs, update=4)
    assert message == (
        "acting became non-finite after update 4: `pi` of environment 1 is not a finite number,"
        " for its observation `obs.arm.joints` is not"
    )
    assert "environment observes" in hint
    message, _ = refused(value=broken(3, 2, by=by), obs=broken((3, 4), 2, by=by))
    assert "before the first update: `v` of environment 2" in message
    assert "observation `obs` is not" in message


def test_a_network_is_at_fault_where_a_sound_observation_fails():
    every = broken((3, 2), slice(None))
    message, hint = refused(every, obs=broken((3, 4), 0), names=("policy", "worth"), algorithm="a2c")
    assert "`policy` of environment 1 is not a finite number, though its observation is finite" in message
    assert "a2c.learning_rate" in hint
    message, _ = refused(value=broken(3, 2), names=("policy", "worth"))
    assert "`worth` of environment 2" in message
