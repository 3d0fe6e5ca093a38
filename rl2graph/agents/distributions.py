"""Action distributions, from the parameters that a policy head gives.

Each has two sides: torch for the loss (differentiable, any leading axes), NumPy for acting (a private
`numpy.random.Generator`, so that no global stream is touched and sampling costs microseconds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Box, Discrete, Space

Array = NDArray[Any]
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class Distribution(Protocol):
    """What an algorithm needs of a policy's distribution.

    `params` is the head's output, `[..., P]`; an action is `[..., *action_shape]`.
    """

    @property
    def action_shape(self) -> tuple[int, ...]: ...

    @property
    def action_dtype(self) -> np.dtype[Any]: ...

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]: ...

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]: ...

    def mode(self, params: Array) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class Categorical:
    """One of n choices, counted from 0; parameters are logits `[..., n]`."""

    action_shape: tuple[int, ...] = ()

    @property
    def action_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.int64)

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """`log pi(a)` and `-sum_i p_i log p_i`, each `[...]`, for actions int64 `[...]`."""
        log_probs = torch.log_softmax(params, dim=-1)
        chosen = log_probs.gather(-1, action.unsqueeze(-1)).squeeze(-1)
        return chosen, -(log_probs.exp() * log_probs).sum(-1)

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action int64 `[B]` and its log-probability float32 `[B]`, for logits `[B, n]`.

        The Gumbel-max trick: `argmax(logits + g)` with g standard Gumbel is a draw from the softmax.
        """
        noise = rng.gumbel(size=params.shape)
        return _chosen(params, np.argmax(params + noise, axis=-1))

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The most likely action (the first among equals) and its log-probability."""
        return _chosen(params, np.argmax(params, axis=-1))


@dataclass(frozen=True)
class DiagonalGaussian:
    """Independent normals; parameters are means and log standard deviations, concatenated `[..., 2n]`.

    The action has the space's shape, n numbers in all, and is unbounded: whoever steps the environment
    clips, and the log-probability stays that of the unclipped draw.
    """

    action_shape: tuple[int, ...]

    @property
    def action_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.float32)

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """`sum -((a-m)/s)^2/2 - log s - log sqrt(2 pi)` and `sum log s + log sqrt(2 pi e)`, each `[...]`."""
        mean, log_std = params.chunk(2, dim=-1)
        error = (action.reshape(mean.shape) - mean) * torch.exp(-log_std)
        log_prob = (-0.5 * error.square() - log_std - _HALF_LOG_2PI).sum(-1)
        return log_prob, (log_std + (0.5 + _HALF_LOG_2PI)).sum(-1)

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action float32 `[B, *action_shape]` and its log-probability `[B]`, for parameters `[B, 2n]`."""
        mean, log_std = np.split(params, 2, axis=-1)
        noise = rng.standard_normal(mean.shape, dtype=np.float32)
        return self._at(mean, log_std, noise)

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The mean and its log-probability."""
        mean, log_std = np.split(params, 2, axis=-1)
        return self._at(mean, log_std, np.zeros_like(mean))

    def _at(self, mean: Array, log_std: Array, noise: Array) -> tuple[Array, Array]:
        action = (mean + np.exp(log_std) * noise).astype(np.float32)
        log_prob = (-0.5 * noise * noise - log_std - _HALF_LOG_2PI).sum(-1)
        return action.reshape(*mean.shape[:-1], *self.action_shape), log_prob.astype(np.float32)


def distribution_for(head: str, action_space: Space | None) -> Distribution:
    """The distribution of a policy head of kind `head` over `action_space`.

    Raises:
        DiagnosticError: RLG504 where the two do not go together.
    """
    if head == "categorical" and isinstance(action_space, Discrete):
        return Categorical()
    if head == "gaussian" and isinstance(action_space, Box):
        return DiagonalGaussian(action_space.dims)
    raise DiagnosticError.of(
        "RLG504",
        f"a {head} policy head cannot act in {action_space}",
        hint="write `pi = head(...)`: the head of role pi takes its distribution from the action space",
    )


def _chosen(logits: Array, action: Array) -> tuple[Array, Array]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_prob: Array = shifted[np.arange(len(action)), action] - np.log(np.exp(shifted).sum(axis=-1))
    return action, log_prob
