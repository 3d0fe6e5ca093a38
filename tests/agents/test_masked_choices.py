"""Choices that a mask rules out, and distributions against the entries of the op table."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

import rl2graph
from rl2graph.agents.distributions import (
    Bernoulli,
    Categorical,
    DiagonalGaussian,
    Joint,
    MultiCategorical,
    Part,
)
from tests.agents.test_distributions import numbers

LOW = torch.finfo(torch.float32).min / 4
# Seven groups: the log-probabilities of so many masked choices together are beyond float32.
COUNTS = (3, 2, 2, 2, 2, 2, 2)
MANY = MultiCategorical(COUNTS)
FIVE = Joint(tuple(Part(name, Categorical(), 3) for name in "abcde"))
TWO = Joint((Part("a", MANY, 15), Part("b", Joint((Part("c", MANY, 15), Part("d", Bernoulli(), 15))), 30)))


def masked(mask):
    """Logits of a float32 mask `[..., n]` by the op, from random ones."""
    mask = torch.as_tensor(mask, dtype=torch.float32)
    n = mask.shape[-1]
    model = rl2graph.compile(
        "output logits: aux = masked(obs.logits, obs.mask)",
        observation_space=spaces.Dict(logits=spaces.Box(-9, 9, (n,)), mask=spaces.Box(0, 1, (n,))),
        action_space=spaces.Discrete(n),
    )
    logits = torch.randn(mask.shape, generator=torch.Generator().manual_seed(0))
    return model.entry(["logits"])({"logits": logits, "mask": mask})["logits"]


def test_the_op_puts_masked_logits_at_a_quarter_of_the_lowest():
    assert masked([[1, 0]])[0, 1].item() == LOW


@given(st.lists(st.booleans(), min_size=2, max_size=6).filter(any), st.integers(0, 99))
def test_masking_choices_is_leaving_them_out(mask, seed):
    """Probabilities, entropy and divergence are those of the choices that are left."""
    left = torch.tensor(mask)
    old, new = torch.randn(2, len(mask), generator=torch.Generator().manual_seed(seed))
    old_masked, new_masked = old.masked_fill(~left, LOW), new.masked_fill(~left, LOW)
    categorical = Categorical()
    for place, choice in enumerate(left.nonzero()[:, 0]):
        with_mask = categorical.log_prob_entropy(old_masked, choice)
        without = categorical.log_prob_entropy(old[left], torch.tensor(place))
        torch.testing.assert_close(with_mask, without)
    torch.testing.assert_close(categorical.kl(old_masked, new_masked), categorical.kl(old[left], new[left]))
    drawn, log_prob = categorical.sample(old_masked.expand(200, -1).numpy(), np.random.default_rng(seed))
    assert left[torch.from_numpy(drawn)].all()
    assert np.isfinite(log_prob).all()
    assert left[categorical.mode(old_masked[None].numpy())[0].item()]


@pytest.mark.parametrize(
    ("distribution", "width"),
    [(Categorical(), 5), (MultiCategorical((3, 2)), 5), (MANY, 15), (Bernoulli(), 8), (TWO, 45), (FIVE, 15)],
    ids=["one", "two groups", "seven groups", "zeros and ones", "nested parts", "five parts"],
)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_no_mask_makes_a_number_infinite(distribution, width, share):
    """Neither for what was drawn nor for actions ruled out, as padding has; nor in a gradient."""
    generator = torch.Generator().manual_seed(0)
    masks = torch.rand(2, 512, width, generator=generator) < share
    old, new = torch.randn(2, 512, width, generator=generator).masked_fill(masks, LOW).requires_grad_()
    drawn, log_prob = distribution.sample(old.detach().numpy(), np.random.default_rng(0))
    assert np.isfinite(log_prob).all()
    padding = nested(drawn, lambda part: torch.zeros(part.shape, dtype=torch.int64))
    for action in (nested(drawn, torch.from_numpy), padding):
        ours = *distribution.log_prob_entropy(new, action), distribution.kl(old, new)
        for number in ours:
            assert torch.isfinite(number).all()
        gradients = torch.autograd.grad(ours, (old, new), grad_outputs=[torch.ones(512)] * 3)
        assert all(torch.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize(
    "distribution", [MANY, TWO, DiagonalGaussian((2, 4))], ids=["groups", "joint", "box"]
)
def test_losses_are_computed_where_the_parameters_are(distribution):
    """The device `meta` computes nothing and refuses tensors from elsewhere."""
    width = {MANY: 15, TWO: 45}.get(distribution, 16)
    drawn, _ = distribution.mode(np.zeros((3, width), np.float32))
    params = torch.zeros(3, width, device="meta")
    action = nested(drawn, lambda part: torch.from_numpy(part).to("meta"))
    for number in (*distribution.log_prob_entropy(params, action), distribution.kl(params, params)):
        assert number.device.type == "meta"
        assert number.shape == (3,)


def nested(action, function):
    if isinstance(action, dict):
        return {name: nested(part, function) for name, part in action.items()}
    return function(action)


def test_masked_choices_of_groups_are_never_drawn_and_count_nothing():
    logits = masked([[1, 0, 1, 0, 1], [0, 1, 0, 1, 0]])
    action, log_prob = MultiCategorical((3, 2)).sample(
        logits.repeat(500, 1).numpy(), np.random.default_rng(0)
    )
    assert set(map(tuple, action[::2].tolist())) == {(0, 1), (2, 1)}
    assert set(map(tuple, action[1::2].tolist())) == {(1, 0)}
    np.testing.assert_array_equal(log_prob[1::2], 0)
    _, entropy = MultiCategorical((3, 2)).log_prob_entropy(logits, torch.tensor([[0, 1], [1, 0]]))
    assert entropy[1] == 0
    torch.testing.assert_close(
        entropy[0], Categorical().log_prob_entropy(logits[0, [0, 2]], torch.tensor(0))[1]
    )


def test_a_masked_one_is_always_a_zero():
    action, log_prob = Bernoulli().sample(np.full((100, 6), LOW, np.float32), np.random.default_rng(0))
    assert not action.any()
    assert not log_prob.any()


@pytest.mark.parametrize("counts", [(4,), (4, 2)])
def test_where_all_are_masked_all_are_as_likely(counts):
    logits = np.full((8000, sum(counts)), LOW, np.float32)
    action, log_prob = MultiCategorical(counts).sample(logits, np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(action[:, 0]) / len(action), [0.25] * 4, atol=0.02)
    assert (action < counts).all()
    np.testing.assert_allclose(log_prob, -np.log(np.prod(counts)), rtol=1e-6)
    again, entropy = MultiCategorical(counts).log_prob_entropy(
        torch.from_numpy(logits), torch.from_numpy(action)
    )
    np.testing.assert_allclose(again.numpy(), log_prob, rtol=1e-6)
    np.testing.assert_allclose(entropy.numpy(), -log_prob, rtol=1e-6)


def test_masked_logits_get_no_gradient():
    logits = torch.randn(4, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    mask = torch.tensor([True, False, True, False, False])
    log_prob, entropy = Categorical().log_prob_entropy(
        logits.masked_fill(~mask, LOW), torch.tensor([0, 2, 0, 2])
    )
    (log_prob.sum() + entropy.sum()).backward()
    assert (logits.grad[:, ~mask] == 0).all()
    assert (logits.grad[:, mask] != 0).all()


TABLE = {
    "categorical": ("", Categorical(), spaces.Discrete(5), 5),
    "groups": (", counts=[2, 3]", MultiCategorical((2, 3)), spaces.MultiDiscrete([2, 3]), 5),
    "bernoulli": ("", Bernoulli(), spaces.MultiBinary(5), 5),
    "gaussian": ("", DiagonalGaussian((5,)), spaces.Box(-1, 1, (5,)), 10),
}


@pytest.mark.parametrize("name", TABLE)
def test_log_probability_and_entropy_are_those_of_the_op_table(name):
    """Graphs encode a choice as one-hot; agents keep its number."""
    counts, distribution, action_space, width = TABLE[name]
    op = "categorical" if name == "groups" else name
    model = rl2graph.compile(
        f"output l: aux = {op}_log_prob(obs, act{counts})\noutput h: aux = {op}_entropy(obs{counts})",
        observation_space=gymnasium.spaces.Box(-9, 9, (width,)),
        action_space=action_space,
    )
    params = np.random.default_rng(0).normal(size=(7, width)).astype(np.float32)
    action, _ = distribution.sample(params, np.random.default_rng(1))
    params, action = torch.from_numpy(params).requires_grad_(), torch.from_numpy(action)
    table = model.entry(["l", "h"])(params, action)
    ours = distribution.log_prob_entropy(params, action)
    torch.testing.assert_close(ours, (table["l"], table["h"]))
    gradients = (torch.autograd.grad(sum(n.sum() for n in both), params) for both in (ours, table.values()))
    torch.testing.assert_close(*gradients)


def test_the_likeliest_is_the_op_tables_sample_without_noise():
    params = numbers(rl2graph.spaces.MultiDiscrete((2, 3)), 3, 6)
    model = rl2graph.compile(
        "output a: aux = categorical_sample(obs, counts=[2, 3])",
        observation_space=spaces.Box(-9, 9, (5,)),
        action_space=spaces.MultiDiscrete([2, 3]),
    )
    one_hot = model.entry(["a"])(torch.from_numpy(params))["a"]
    groups = torch.stack([part.argmax(-1) for part in one_hot.split([2, 3], dim=-1)], dim=-1)
    np.testing.assert_array_equal(MultiCategorical((2, 3)).mode(params)[0], groups.numpy())
