"""Losses as pure functions of tensors; every one returns a scalar mean over the batch."""

from __future__ import annotations

import torch
from torch import Tensor


def clipped_surrogate(ratio: Tensor, advantage: Tensor, clip_range: Tensor) -> Tensor:
    """PPO's policy loss (Schulman et al. 2017, arXiv:1707.06347, equation 7), negated to be minimised.

        L = -mean( min(r A, clip(r, 1 - eps, 1 + eps) A) )

    Args:
        ratio: `[B]`, r = pi(a|s) / pi_old(a|s) of the action taken.
        advantage: `[B]`.
        clip_range: scalar eps, a tensor so that annealing it compiles nothing anew.
    """
    clipped = torch.clamp(ratio, 1.0 - clip_range, 1.0 + clip_range)
    return -torch.minimum(ratio * advantage, clipped * advantage).mean()


def value_loss(value: Tensor, returns: Tensor) -> Tensor:
    """Half the mean squared error: `mean((V - R)^2) / 2`, each `[B]`."""
    return 0.5 * (value - returns).square().mean()


def clipped_value_loss(value: Tensor, old_value: Tensor, returns: Tensor, clip_range: float) -> Tensor:
    """The value loss of PPO's reference implementation: the worse of the plain and the clipped error.

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
    """`(A - mean) / (std + 1e-8)` over the batch `[B]`, std with Bessel's correction."""
    return (advantage - advantage.mean()) / (advantage.std() + 1e-8)


def approximate_kl(ratio: Tensor, log_ratio: Tensor) -> Tensor:
    """KL(old || new) by the low-variance estimator `mean(r - 1 - log r)` (Schulman 2020, k3), for `[B]`."""
    return (ratio - log_ratio).mean() - 1.0


def clip_fraction(ratio: Tensor, clip_range: Tensor) -> Tensor:
    """The share of samples whose ratio lies outside the clip range, for `[B]`."""
    return ((ratio - 1.0).abs() > clip_range).to(ratio.dtype).mean()
