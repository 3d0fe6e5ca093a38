"""Advantages and returns over a rollout (NumPy; torch is not needed for them)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]


def gae(
    rewards: Floats,
    values: Floats,
    next_values: Floats,
    terminated: Flags,
    truncated: Flags,
    *,
    gamma: float,
    gae_lambda: float,
) -> tuple[Floats, Floats]:
    """Generalised advantage estimation (Schulman et al. 2016, arXiv:1506.02438, equation 16).

        delta_t  = r_t + discount_t * V(s'_t) - V(s_t),    discount_t = gamma * (1 - terminated_t)
        A_t      = delta_t + gamma * lambda * (1 - done_t) * A_{t+1},    done = terminated | truncated
        return_t = A_t + V(s_t)

    Termination says that nothing follows, so V(s') does not count; truncation says only that we stopped
    looking, so it does. Both cut the sum: the next row belongs to another episode.

    Args:
        rewards: `[T, B]`, paid for the action at t.
        values: `[T, B]`, V(s_t).
        next_values: `[T, B]`, V of *this step's own* successor s'_t. That is `values[t + 1]` inside an
            episode, and the value of the final observation (not of the reset) where it was truncated.
        terminated: `[T, B]`.
        truncated: `[T, B]`.
        gamma: discount per step.
        gae_lambda: 0 gives the one-step error, 1 the Monte-Carlo advantage.

    Returns:
        Advantages and returns, each `[T, B]`.
    """
    # Chosen, not multiplied by 0: what follows an episode may be NaN, and 0 * NaN is NaN.
    ahead = np.where(terminated, 0.0, gamma * next_values)
    deltas = (rewards + ahead - values).astype(values.dtype)
    done = terminated | truncated
    carry = values.dtype.type(gamma * gae_lambda)
    advantages = np.empty_like(deltas)
    following = np.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + np.where(done[t], values.dtype.type(0), carry * following)
        advantages[t] = following
    return advantages, advantages + values


def explained_variance(values: Floats, returns: Floats) -> float:
    """`1 - Var(returns - values) / Var(returns)`: 1 is a perfect critic, 0 one no better than a constant.

    Args:
        values: predictions, any shape.
        returns: what they predicted, the same shape.
    """
    if not returns.size:
        return 0.0
    spread = float(np.var(returns))
    return 1.0 - float(np.var(returns - values)) / spread if spread > 0 else 0.0
