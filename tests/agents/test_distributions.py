"""Distributions by hand, against `torch.distributions`, and by the frequencies of what they draw."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as reference

from rl2graph.agents.distributions import (
    Bernoulli,
    Categorical,
    DiagonalGaussian,
    MultiCategorical,
    distribution_for,
)
from rl2graph.contracts.heads import policy_kind, policy_width
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Box, Discrete, Image, MultiBinary, MultiDiscrete, Record, Vector, unbounded

HALF = math.log(2)
LEAVES = st.one_of(
    st.builds(Discrete, st.integers(1, 5)),
    st.builds(MultiDiscrete, st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)),
    st.builds(MultiBinary, st.integers(1, 4)),
    st.lists(st.integers(1, 3), min_size=1, max_size=2).map(lambda dims: unbounded(tuple(dims))),
)
SPACES = st.recursive(
    LEAVES,
    lambda parts: st.dictionaries(st.sampled_from(["a", "left arm", "0"]), parts, min_size=1).map(
        lambda fields: Record(tuple(fields.items()))
    ),
    max_leaves=4,
)
PARTS = Record(
    (
        ("gear", Discrete(3)),
        ("arms", Record((("left", unbounded((2,))), ("lamps", MultiBinary(2))))),
        ("keys", MultiDiscrete((2, 4))),
    )
)
EXAMPLES = [
    Discrete(4),
    MultiDiscrete((3, 2, 3)),
    MultiDiscrete((2, 2)),
    MultiBinary(3),
    unbounded((2,)),
    PARTS,
]


def made(space):
    return distribution_for(policy_kind(space), space)


def numbers(space, seed, *leading):
    """Parameters float32 `[*leading, P]`."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(*leading, policy_width(space))).astype(np.float32)


def tensors(action):
    """An action's arrays as tensors."""
    if isinstance(action, dict):
        return {name: tensors(part) for name, part in action.items()}
    return torch.from_numpy(action)


def in_parts(space, params):
    """Each leaf of the space: its path, itself and its parameters."""
    if not isinstance(space, Record):
        yield (), space, params
        return
    widths = [policy_width(part) for _, part in space.fields]
    for (name, part), own in zip(space.fields, params.split(widths, dim=-1), strict=True):
        for path, leaf, mine in in_parts(part, own):
            yield (name, *path), leaf, mine


def peers(space, params):
    """Each leaf's path, and torch's distributions of its action's numbers, which are independent."""
    for path, leaf, own in in_parts(space, params):
        match leaf:
            case Discrete():
                yield path, [reference.Categorical(logits=own)]
            case MultiDiscrete():
                yield path, [reference.Categorical(logits=part) for part in own.split(leaf.counts, dim=-1)]
            case MultiBinary():
                yield path, [reference.Bernoulli(logits=part) for part in own.unbind(-1)]
            case Box():
                mean, log_std = own.chunk(2, dim=-1)
                pairs = zip(mean.unbind(-1), log_std.exp().unbind(-1), strict=True)
                yield path, [reference.Normal(*pair) for pair in pairs]


def their_log_prob(space, params, action):
    total = 0
    for path, independent in peers(space, params):
        part = action
        for name in path:
            part = part[name]
        columns = part.reshape(*params.shape[:-1], len(independent)).unbind(-1)
        total = total + sum(
            peer.log_prob(own.to(params.dtype)) for peer, own in zip(independent, columns, strict=True)
        )
    return total


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=2e-5)


@given(SPACES, st.integers(0, 1000), st.integers(1, 4))
def test_what_is_drawn_has_the_log_probability_that_torch_gives_it(space, seed, batch):
    params = numbers(space, seed, batch)
    drawn, log_prob = made(space).sample(params, np.random.default_rng(seed))
    likeliest, highest = made(space).mode(params)
    for action, ours in ((drawn, log_prob), (likeliest, highest)):
        assert ours.shape == (batch,)
        assert ours.dtype == np.float32
        close(torch.from_numpy(ours), their_log_prob(space, torch.from_numpy(params), tensors(action)))
    assert (highest >= log_prob - 1e-5).all()


@given(SPACES, st.integers(0, 1000), st.sampled_from([(), (3,), (2, 3)]))
def test_log_probability_entropy_and_divergence_agree_with_torch(space, seed, leading):
    flat = numbers(space, seed, math.prod(leading))
    params = torch.from_numpy(flat).reshape(*leading, -1)
    other = torch.from_numpy(numbers(space, seed + 1, *leading))
    action, _ = made(space).sample(flat, np.random.default_rng(seed))
    action = reshaped(tensors(action), leading)
    log_prob, entropy = made(space).log_prob_entropy(params, action)
    assert log_prob.shape == entropy.shape == leading
    close(log_prob, their_log_prob(space, params, action))
    both = [
        (p, q)
        for (_, old), (_, new) in zip(peers(space, params), peers(space, other), strict=True)
        for p, q in zip(old, new, strict=True)
    ]
    close(entropy, sum(p.entropy() for p, _ in both))
    close(made(space).kl(params, other), sum(reference.kl_divergence(p, q) for p, q in both))
    close(made(space).kl(params, params), torch.zeros(leading))


def reshaped(action, leading):
    if isinstance(action, dict):
        return {name: reshaped(part, leading) for name, part in action.items()}
    return action.reshape((*leading, *action.shape[1:]))


def test_choices_by_hand():
    """p = (1/2, 1/4, 1/4) has the entropy 1.5 ln 2; from it to q = (1/4, 1/2, 1/4) it is ln(2)/4."""
    p = torch.tensor([0.5, 0.25, 0.25]).log() + 7
    q = torch.tensor([0.25, 0.5, 0.25]).log()
    log_prob, entropy = Categorical().log_prob_entropy(p, torch.tensor(1))
    assert log_prob.item() == pytest.approx(-2 * HALF)
    assert entropy.item() == pytest.approx(1.5 * HALF)
    assert Categorical().kl(p, q).item() == pytest.approx(HALF / 4)


def test_several_choices_by_hand():
    """p as above, beside two choices of 1/2 each."""
    params = torch.tensor([0.5, 0.25, 0.25, 0.5, 0.5]).log()
    log_prob, entropy = MultiCategorical((3, 2)).log_prob_entropy(params, torch.tensor([1, 0]))
    assert log_prob.item() == pytest.approx(-3 * HALF)
    assert entropy.item() == pytest.approx(2.5 * HALF)


def test_zeros_and_ones_by_hand():
    """One with probability 3/4, one with 1/2: ln(3) and 0 as logits."""
    params = torch.tensor([math.log(3), 0.0])
    log_prob, entropy = Bernoulli().log_prob_entropy(params, torch.tensor([0, 1]))
    assert log_prob.item() == pytest.approx(-3 * HALF)
    assert entropy.item() == pytest.approx(2 * HALF - 0.75 * math.log(3) + HALF)
    same = torch.zeros(2)
    assert Bernoulli().kl(params, same).item() == pytest.approx(0.75 * math.log(3) - HALF)


def test_gaussians_by_hand():
    """Means (1, -1), deviations (1, 2), of the action (2, 3): errors 1 and 2 deviations."""
    params = torch.tensor([1.0, -1.0, 0.0, HALF])
    log_prob, entropy = DiagonalGaussian((2,)).log_prob_entropy(params, torch.tensor([2.0, 3.0]))
    assert log_prob.item() == pytest.approx(-0.5 - 2 - HALF - math.log(2 * math.pi))
    assert entropy.item() == pytest.approx(HALF + math.log(2 * math.pi) + 1)
    # To the standard normals: 1/2 of the first mean; -ln 2 + (4 + 1)/2 - 1/2 for the second.
    assert DiagonalGaussian((2,)).kl(params, torch.zeros(4)).item() == pytest.approx(0.5 - HALF + 2)


def test_the_likeliest_is_the_first_of_equals():
    params = np.array([[1.0, 3.0, 3.0, 5.0, 5.0, -1.0]], np.float32)
    assert Categorical().mode(params)[0].tolist() == [3]
    assert MultiCategorical((3, 2, 1)).mode(params)[0].tolist() == [[1, 0, 0]]
    assert Bernoulli().mode(np.array([[0.0, 0.1, -0.1]], np.float32))[0].tolist() == [[0, 1, 0]]


# Of chi-square with so many degrees of freedom, exceeded by chance once in a thousand.
CRITICAL = {1: 10.83, 2: 13.82, 3: 16.27, 5: 20.52}


def chi_square(drawn, probabilities):
    """How far the counts of what was drawn are from what is expected of them."""
    expected = np.asarray(probabilities) * len(drawn)
    observed = np.bincount(drawn, minlength=len(expected))
    return float(((observed - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("seed", range(3))
def test_choices_are_drawn_as_often_as_the_logits_say(seed):
    p = np.array([0.02, 0.08, 0.1, 0.3, 0.2, 0.3])
    params = np.log(p, dtype=np.float32)[None].repeat(20_000, axis=0)
    action, _ = Categorical().sample(params, np.random.default_rng(seed))
    assert action.dtype == np.int64
    assert chi_square(action, p) < CRITICAL[5]


def test_several_choices_are_drawn_independently():
    p, q = np.array([0.1, 0.6, 0.3]), np.array([0.25, 0.75])
    params = np.log(np.concatenate([p, q]), dtype=np.float32)[None].repeat(20_000, axis=0)
    action, _ = MultiCategorical((3, 2)).sample(params, np.random.default_rng(0))
    assert action.dtype == np.int64
    assert chi_square(action[:, 0] * 2 + action[:, 1], np.outer(p, q).reshape(-1)) < CRITICAL[5]


def test_zeros_and_ones_are_drawn_independently():
    p, q = 0.1, 0.7
    params = np.log([[p / (1 - p), q / (1 - q)]]).astype(np.float32).repeat(20_000, axis=0)
    action, _ = Bernoulli().sample(params, np.random.default_rng(0))
    assert action.dtype == np.int64
    expected = np.outer([1 - p, p], [1 - q, q]).reshape(-1)
    assert chi_square(action[:, 0] * 2 + action[:, 1], expected) < CRITICAL[3]


def test_gaussian_draws_fill_the_quarters_alike_and_keep_the_spaces_shape():
    params = np.array([[0.5, -1.0, 0.1, -0.7]], np.float32).repeat(20_000, axis=0)
    action, _ = DiagonalGaussian((2, 1)).sample(params, np.random.default_rng(0))
    assert action.shape == (20_000, 2, 1)
    assert action.dtype == np.float32
    standard = (action[..., 0] - params[:, :2]) / np.exp(params[:, 2:])
    quarters = np.digitize(standard, [-0.67449, 0, 0.67449])
    for column in quarters.T:
        assert chi_square(column, [0.25] * 4) < CRITICAL[3]
    assert abs(np.corrcoef(standard.T)[0, 1]) < 0.03
    mode, _ = DiagonalGaussian((2, 1)).mode(params)
    np.testing.assert_array_equal(mode[..., 0], params[:, :2])


@pytest.mark.parametrize("space", EXAMPLES, ids=str)
def test_one_seed_gives_one_action_bit_for_bit_and_leaves_the_global_streams(space):
    params = numbers(space, 0, 8)
    before = np.random.get_state()[1].tobytes(), torch.get_rng_state()
    first, second = (made(space).sample(params, np.random.default_rng(5)) for _ in range(2))
    other = made(space).sample(params, np.random.default_rng(6))
    assert repr(first) == repr(second) != repr(other)
    np.testing.assert_array_equal(first[1], second[1])
    assert np.random.get_state()[1].tobytes() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])


def test_a_joint_action_has_the_parts_of_its_space():
    action, _ = made(PARTS).sample(numbers(PARTS, 0, 5), np.random.default_rng(0))
    assert list(action) == ["gear", "arms", "keys"]
    assert {name: part.shape for name, part in action["arms"].items()} == {"left": (5, 2), "lamps": (5, 2)}
    assert action["gear"].shape == (5,)
    assert action["keys"].shape == (5, 2)


@pytest.mark.parametrize(
    ("head", "space"),
    [
        ("dense", Discrete(3)),
        ("gaussian", Discrete(3)),
        ("categorical", unbounded((2,))),
        ("categorical", PARTS),
        ("categorical", None),
        ("categorical", Vector((3,))),
        ("joint", Record(())),
        ("joint", Record((("a", Discrete(2)), ("b", Image((3, 8, 8)))))),
    ],
)
def test_head_and_space_have_to_agree(head, space):
    with pytest.raises(DiagnosticError) as caught:
        distribution_for(head, space)
    assert caught.value.diagnostics[0].code == "RLG504"
