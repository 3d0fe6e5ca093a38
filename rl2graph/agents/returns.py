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
    deltas = (_one_step(rewards, next_values, terminated, gamma) - values).astype(values.dtype)
    done = terminated | truncated
    carry = values.dtype.type(gamma * gae_lambda)
    advantages = np.empty_like(deltas)
    following = np.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + np.where(done[t], values.dtype.type(0), carry * following)
        advantages[t] = following
    return advantages, advantages + values


def n_step_returns(
    rewards: Floats,
    next_values: Floats,
    terminated: Flags,
    truncated: Flags,
    *,
    gamma: float,
    n: int,
) -> Floats:
    """Returns of at most n steps, then the value of where they end (Sutton & Barto 2018, equation 7.1; A2C's
    targets, Mnih et al. 2016, arXiv:1602.01783, section 4).

        R_t = sum_{k=0}^{m-1} gamma^k r_{t+k} + gamma^m (1 - terminated_{t+m-1}) V(s'_{t+m-1})

    m is n, or fewer where the episode or the rollout ends sooner: t+m-1 is at most the last step of the
    episode (terminated or truncated, see `gae`), and at most T-1.

    Args:
        rewards: `[T, B]`, paid for the action at t.
        next_values: `[T, B]`, V of this step's own successor s'_t, as for `gae`.
        terminated: `[T, B]`.
        truncated: `[T, B]`.
        gamma: discount per step.
        n: most rewards in a return, at least 1; T or more takes all that the rollout has.

    Returns:
        R, `[T, B]`.
    """
    one_step = _one_step(rewards, next_values, terminated, gamma)
    done = (terminated | truncated)[:-1]
    returns = one_step
    for _ in range(min(n, len(rewards)) - 1):
        longer = (rewards[:-1] + gamma * returns[1:]).astype(one_step.dtype)
        returns = np.concatenate([np.where(done, one_step[:-1], longer), one_step[-1:]])
    return returns


def lambda_returns(
    rewards: Floats,
    next_values: Floats,
    terminated: Flags,
    truncated: Flags,
    *,
    gamma: float,
    td_lambda: float,
) -> Floats:
    """TD(lambda)'s targets: n-step returns of all lengths, each further step weighted by lambda (Sutton &
    Barto 2018, equation 12.18).

        G_t = r_t + gamma (1 - terminated_t) ((1 - lambda_t) V(s'_t) + lambda_t G_{t+1})

    lambda_t is lambda, and 0 in the last step of an episode and of the rollout. With the values that were
    bootstrapped from, G_t = A_t + V(s_t), A_t that of `gae` (Schulman et al. 2016, arXiv:1506.02438).

    Args:
        rewards: `[T, B]`, paid for the action at t.
        next_values: `[T, B]`, V of this step's own successor s'_t, as for `gae`.
        terminated: `[T, B]`.
        truncated: `[T, B]`.
        gamma: discount per step.
        td_lambda: 0 gives the one-step return, 1 that of all steps there are.

    Returns:
        G, `[T, B]`.
    """
    one_step = _one_step(rewards, next_values, terminated, gamma)
    dtype = one_step.dtype.type
    # G_{t+1} takes the place of V(s'_t) by the weight lambda, so the reward is that of either.
    carry = dtype(gamma * td_lambda)
    near = ((1.0 - td_lambda) * one_step + td_lambda * rewards).astype(one_step.dtype)
    done = terminated | truncated
    returns = one_step.copy()
    for t in reversed(range(len(returns) - 1)):
        returns[t] = np.where(done[t], one_step[t], near[t] + carry * returns[t + 1])
    return returns


def _one_step(rewards: Floats, next_values: Floats, terminated: Flags, gamma: float) -> Floats:
    """`r_t + discount_t V(s'_t)`, `[T, B]`, in the dtype of the values."""
    # Chosen, not multiplied by 0: what follows an episode may be NaN, and 0 * NaN is NaN.
    ahead = np.where(terminated, 0.0, gamma * next_values)
    one_step: Floats = (rewards + ahead).astype(next_values.dtype)
    return one_step


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
