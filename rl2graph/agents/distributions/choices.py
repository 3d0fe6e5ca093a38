"""Distributions of choices, and of zeros and ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rl2graph.agents.distributions.base import Array, total


@dataclass(frozen=True)
class Categorical:
    """One of n choices, counted from 0, actions int64 `[...]`; parameters are logits `[..., n]`."""

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action int64 `[B]` and its log-probability float32 `[B]`, for logits float32 `[B, n]`.

        The Gumbel-max trick: `argmax(logits + g)` with g standard Gumbel is a draw from the softmax.
        """
        return _chosen(params, rng.gumbel(size=params.shape))

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The likeliest action (the first among equals) and its log-probability."""
        return _chosen(params, None)

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """`log pi(a)` and `-sum_i p_i log p_i`, each `[...]`, for actions int64 `[...]`."""
        return _log_prob_entropy(params, action)

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """`sum_i p_i (log p_i - log q_i)`, `[...]`, p of the old logits and q of the new, `[..., n]`."""
        return _kl(old, new)


@dataclass(frozen=True)
class MultiCategorical:
    """Independent choices, of `counts` each, actions int64 `[..., groups]`.

    Parameters are the logits of the groups one after the other, `[..., sum(counts)]`. Groups are evaluated
    together: shorter ones are filled up with choices of probability 0.
    """

    counts: tuple[int, ...]

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action int64 `[B, groups]` and its log-probability `[B]`, for logits `[B, sum(counts)]`."""
        grouped = self._grouped_array(params)
        action, log_prob = _chosen(grouped, rng.gumbel(size=grouped.shape))
        return action, log_prob.sum(-1)

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The likeliest choice of each group (the first among equals) and their log-probability."""
        action, log_prob = _chosen(self._grouped_array(params), None)
        return action, log_prob.sum(-1)

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """The sums over the groups of log-probability and entropy, for actions int64 `[..., groups]`."""
        log_prob, entropy = _log_prob_entropy(self._grouped(params), action)
        return total(log_prob), entropy.sum(-1)

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """The sum over the groups of their divergences, for logits `[..., sum(counts)]`."""
        return total(_kl(self._grouped(old), self._grouped(new)))

    def _grouped(self, params: Tensor) -> Tensor:
        """Logits `[..., groups, most]`."""
        most = max(self.counts)
        if min(self.counts) == most:
            return params.reshape(*params.shape[:-1], len(self.counts), most)
        # Lower than a masked logit, so that a group with all its choices masked gives these none.
        empty = torch.finfo(params.dtype).min / 2
        parts = torch.split(params, list(self.counts), dim=-1)
        return torch.stack([F.pad(part, (0, most - part.shape[-1]), value=empty) for part in parts], dim=-2)

    def _grouped_array(self, params: Array) -> Array:
        """Logits `[B, groups, most]`."""
        grouped = np.full((len(params), *self._present.shape), -np.inf, np.float32)
        grouped[:, self._present] = params
        return grouped

    @cached_property
    def _present(self) -> Array:
        """Which places are a choice, bool `[groups, most]`."""
        present: Array = np.arange(max(self.counts)) < np.array(self.counts)[:, None]
        return present


@dataclass(frozen=True)
class Bernoulli:
    """Independent zeros and ones, actions int64 `[..., n]`; parameters are logits `[..., n]`, a one has the
    probability `sigmoid(logit)`.
    """

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """An action int64 `[B, n]` and its log-probability float32 `[B]`, for logits float32 `[B, n]`.

        `logit + g > 0` with g standard logistic has the probability `sigmoid(logit)`.
        """
        return self._at(params, params + rng.logistic(size=params.shape) > 0)

    def mode(self, params: Array) -> tuple[Array, Array]:
        """The likelier of zero and one (zero where they are equal), and their log-probability."""
        return self._at(params, params > 0)

    def log_prob_entropy(self, params: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """`sum a log p + (1 - a) log(1 - p)` and the entropy, each `[...]`, for actions `[..., n]`."""
        target = action.to(params.dtype)
        log_prob = -F.binary_cross_entropy_with_logits(params, target, reduction="none")
        p = torch.sigmoid(params)
        entropy = F.binary_cross_entropy_with_logits(params, p, reduction="none")
        return total(log_prob), entropy.sum(-1)

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """`sum p log(p/q) + (1 - p) log((1 - p)/(1 - q))`, `[...]`, p of the old logits and q of the new."""
        p = torch.sigmoid(old)
        ones = p * (F.logsigmoid(old) - F.logsigmoid(new))
        # 1 - p would round to 0 where p is nearly 1.
        zeros = torch.sigmoid(-old) * (F.logsigmoid(-old) - F.logsigmoid(-new))
        return total(ones + zeros)

    def _at(self, logits: Array, ones: Array) -> tuple[Array, Array]:
        log_prob = -np.logaddexp(np.float32(0), np.where(ones, -logits, logits)).sum(-1)
        return ones.astype(np.int64), log_prob


def _chosen(logits: Array, noise: Array | None) -> tuple[Array, Array]:
    """The largest of logits `[..., n]` with noise, and its log-probability without, each `[...]`."""
    # Before the noise, which would be lost in the rounding where all choices are masked.
    shifted = logits - logits.max(axis=-1, keepdims=True)
    action = (shifted if noise is None else shifted + noise).argmax(axis=-1)
    rows = shifted.reshape(-1, shifted.shape[-1])
    chosen = rows[np.arange(len(rows)), action.reshape(-1)].reshape(action.shape)
    return action, chosen - np.log(np.exp(shifted).sum(axis=-1))


def _log_prob_entropy(logits: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    log_probs = torch.log_softmax(logits, dim=-1)
    chosen = log_probs.gather(-1, action.unsqueeze(-1)).squeeze(-1)
    return chosen, -(log_probs.exp() * log_probs).sum(-1)


def _kl(old: Tensor, new: Tensor) -> Tensor:
    log_p, log_q = torch.log_softmax(old, dim=-1), torch.log_softmax(new, dim=-1)
    return (log_p.exp() * (log_p - log_q)).sum(-1)
