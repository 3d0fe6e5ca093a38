import math

import pytest
import torch

from rl2graph.agents import losses

CLIP = torch.tensor(0.2)


def test_clipped_surrogate_by_hand():
    """min(r A, clip(r) A): 1.5*1 -> 1.2; 0.5*1 -> 0.5; 1.5*-1 -> -1.5; 0.5*-1 -> -0.8. Mean -0.15."""
    ratio = torch.tensor([1.5, 0.5, 1.5, 0.5])
    advantage = torch.tensor([1.0, 1.0, -1.0, -1.0])
    assert losses.clipped_surrogate(ratio, advantage, CLIP).item() == pytest.approx(0.15)


def test_clipped_surrogate_stops_the_gradient_only_where_the_clip_is_worse():
    ratio = torch.tensor([1.5, 0.5, 1.5, 0.5], requires_grad=True)
    losses.clipped_surrogate(ratio, torch.tensor([1.0, 1.0, -1.0, -1.0]), CLIP).backward()
    assert ratio.grad.tolist() == [0.0, -0.25, 0.25, 0.0]


def test_policy_gradient_by_hand():
    """-(0.5 * -1 + -2 * 3) / 2 = 3.25; each log-probability is pulled up by its advantage."""
    log_prob = torch.tensor([-1.0, -2.0], requires_grad=True)
    advantage = torch.tensor([0.5, 3.0])
    loss = losses.policy_gradient(log_prob, advantage)
    loss.backward()
    assert loss.item() == pytest.approx(3.25)
    assert log_prob.grad.tolist() == [-0.25, -1.5]


def test_where_the_policy_is_the_old_one_the_surrogate_has_the_policy_gradient():
    log_prob = torch.tensor([-1.0, -2.0, -0.5], requires_grad=True)
    advantage = torch.tensor([0.5, 3.0, -2.0])
    ratio = (log_prob - log_prob.detach()).exp()
    (surrogate,) = torch.autograd.grad(losses.clipped_surrogate(ratio, advantage, CLIP), log_prob)
    (plain,) = torch.autograd.grad(losses.policy_gradient(log_prob, advantage), log_prob)
    torch.testing.assert_close(surrogate, plain)


def test_value_losses_by_hand():
    value, old, returns = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 1.0]), torch.tensor([2.0, 3.0])
    assert losses.value_loss(value, returns).item() == pytest.approx((1 + 4) / 4)
    # Clipped to 0.5 around the old: 1.5 -> error 0.25 < 1; 1.0 -> error 4.
    assert losses.clipped_value_loss(value, old, returns, 0.5).item() == pytest.approx((1 + 4) / 4)
    # The clipped error is the worse one for a value that ran to its return.
    assert losses.clipped_value_loss(returns, old, returns, 0.5).item() == pytest.approx((0.25 + 2.25) / 4)


def test_normalised_advantages():
    result = losses.normalised(torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(result, torch.tensor([-1.0, 1.0]) / math.sqrt(2), rtol=1e-6, atol=1e-6)


def test_one_advantage_alone_and_equal_ones_are_finite():
    assert losses.normalised(torch.tensor([3.0])).tolist() == [3.0]
    assert losses.normalised(torch.tensor([2.0, 2.0, 2.0])).tolist() == [0.0, 0.0, 0.0]


def test_the_clipped_value_loss_moves_no_value_beyond_its_clip():
    """V = 3 is beyond 1 + 0.5 and nearer its return 4 than the clip: error (1.5 - 4)^2, no gradient."""
    value = torch.tensor([3.0, 1.2], requires_grad=True)
    loss = losses.clipped_value_loss(value, torch.tensor([1.0, 1.0]), torch.tensor([4.0, 4.0]), 0.5)
    loss.backward()
    assert loss.item() == pytest.approx((6.25 + 7.84) / 4)
    torch.testing.assert_close(value.grad, torch.tensor([0.0, (1.2 - 4.0) / 2]))


def test_watched_quantities():
    log_ratio = torch.tensor([0.0, math.log(1.5), math.log(0.9)])
    ratio = log_ratio.exp()
    expected = (0 + 0.5 - math.log(1.5) - 0.1 - math.log(0.9)) / 3
    assert losses.approximate_kl(ratio, log_ratio).item() == pytest.approx(expected, abs=1e-6)
    assert losses.clip_fraction(ratio, CLIP).item() == pytest.approx(1 / 3)
