"""Losses as pure functions of tensors; every one returns a scalar mean over the batch.

What gradients do not flow through (advantages, returns, what was recorded when acting) comes as plain data.
"""

from __future__ import annotations

import torch
from torch import Tensor


def policy_gradient(log_prob: Tensor, advantage: Tensor) -> Tensor:
    """A2C's policy loss (Mnih et al. 2016, arXiv:1602.01783, section 4; Williams 1992), to be minimised.

        L = -mean( log pi(a|s) A )

    Args:
        log_prob: `[B]`, log pi(a|s) of the action taken.
        advantage: `[B]`, R - V(s), a constant: no gradient is to flow through it.
    """
    return -(log_prob * advantage).mean()


def clipped_surrogate(ratio: Tensor, advantage: Tensor, clip_range: Tensor) -> Tensor:
    """PPO's policy loss (Schulman et al. 2017, arXiv:1707.06347, equation 7), negated to be minimised.

        L = -mean( min(r A, clip(r, 1 - eps, 1 + eps) A) )

    Args:
        ratio: `[B]`, r = pi(a|s) / pi_old(a|s) of the action taken.
        advantage: `[B]`, a constant.
        clip_range: scalar eps, a tensor so that annealing it compiles nothing anew.
    """
    clipped = torch.clamp(ratio, 1.0 - clip_range, 1.0 + clip_range)
    return -torch.minimum(ratio * advantage, clipped * advantage).mean()


def value_loss(value: Tensor, returns: Tensor) -> Tensor:
    """Half the mean squared error (Schulman et al. 2017, equation 9, where the half is in the coefficient).

        L = mean( (V - R)^2 ) / 2

    Args:
        value: `[B]`, V(s).
        returns: `[B]`, R, constants.
    """
    return 0.5 * (value - returns).square().mean()


def clipped_value_loss(value: Tensor, old_value: Tensor, returns: Tensor, clip_range: float) -> Tensor:
    """The value loss of PPO's reference implementation (openai/baselines, ppo2): the worse of the plain and
    the clipped error.

        L = mean( max((V - R)^2, (V_old + clip(V - V_old, -eps, eps) - R)^2) ) / 2

    Args:
        value: `[B]`, V now.
        old_value: `[B]`, V when the rollout was taken.
        returns: `[B]`.
        clip_range: eps, in units of the return.
    """
    near = old_value + torch.clamp(value - old_value, -clip_range, clip_range)
    return 0.5 * torch.maximum((value - returns).square(), (near - returns).square()).mean()


def normalised(advantage: Tensor) -> Tensor:
    """`(A - mean) / (std + 1e-8)` over the batch `[B]`, std with Bessel's correction.

    One sample has no deviation: a batch of one is given back as it is.
    """
    if advantage.numel() < 2:
        return advantage
    return (advantage - advantage.mean()) / (advantage.std() + 1e-8)


def approximate_kl(ratio: Tensor, log_ratio: Tensor) -> Tensor:
    """KL(old || new) by the low-variance estimator `mean(r - 1 - log r)` (Schulman 2020, "Approximating KL
    divergence", k3), for ratios `[B]` of actions that the old policy drew.
    """
    return (ratio - 1.0 - log_ratio).mean()


def clip_fraction(ratio: Tensor, clip_range: Tensor) -> Tensor:
    """The share of samples whose ratio lies outside the clip range, `mean(|r - 1| > eps)`, for `[B]`."""
    return ((ratio - 1.0).abs() > clip_range).to(ratio.dtype).mean()
