"""Distributions of vectors of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents.distributions.base import Array

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class DiagonalGaussian:
    """Independent normals; parameters are means and log standard deviations, concatenated `[..., 2n]`.

    The action has the space's shape, n numbers in all, and is unbounded: whoever steps the environment
    clips, and the log-probability stays that of the unclipped draw.
    """

    shape: tuple[int, ...]

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action float32 `[B, *shape]` and its log-probability `[B]`, for parameters float32 `[B, 2n]`."""
        noise = rng.standard_normal((len(params), params.shape[-1] // 2), dtype=np.float32)
        return self._at(params, noise)

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The mean and its log-probability."""
        return self._at(params, np.zeros((len(params), params.shape[-1] // 2), np.float32))

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """`sum -((a-m)/s)^2/2 - log s - log sqrt(2 pi)` and `sum log s + log sqrt(2 pi e)`, each `[...]`."""
        mean, log_std = params.chunk(2, dim=-1)
        error = (action.reshape(mean.shape) - mean) * torch.exp(-log_std)
        log_prob = (-0.5 * error.square() - log_std - _HALF_LOG_2PI).sum(-1)
        return log_prob, (log_std + (0.5 + _HALF_LOG_2PI)).sum(-1)

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """`sum log(s'/s) + (s^2 + (m - m')^2) / (2 s'^2) - 1/2`, `[...]`, primes for the new parameters."""
        mean, log_std = old.chunk(2, dim=-1)
        new_mean, new_log_std = new.chunk(2, dim=-1)
        narrower = log_std - new_log_std
        distance = (mean - new_mean) * torch.exp(-new_log_std)
        return (0.5 * (torch.exp(2.0 * narrower) + distance.square() - 1.0) - narrower).sum(-1)

    def _at(self, params: Array, noise: Array) -> tuple[Array, Array]:
        n = noise.shape[-1]
        mean, log_std = params[:, :n], params[:, n:]
        action = mean + np.exp(log_std) * noise
        log_prob = (-0.5 * noise * noise - log_std).sum(-1) - n * _HALF_LOG_2PI
        return action.reshape(len(params), *self.shape), log_prob
