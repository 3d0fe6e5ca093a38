"""Distributions of actions of several parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents.distributions.base import Array, Distribution, total
from rl2graph.memory.trees import Tree

Params = TypeVar("Params", Array, Tensor)


@dataclass(frozen=True)
class Part:
    """One part of an action: its name, its distribution, and how many parameters that has."""

    name: str
    distribution: Distribution
    width: int


@dataclass(frozen=True)
class Joint:
    """Independent parts, actions mappings from their names; an action of a part may have parts itself.

    Parameters are those of the parts one after the other, `[..., sum of widths]`; log-probabilities,
    entropies and divergences are sums over the parts.
    """

    parts: tuple[Part, ...]

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Tree, Array]:
        """Actions of the parts, each `[B, ...]`, and their joint log-probability `[B]`, for `[B, P]`."""
        drawn = {part.name: part.distribution.sample(own, rng) for part, own in self._split(params)}
        return _joined(drawn)

    def mode(self, params: Array) -> tuple[Tree, Array]:
        """The likeliest action of each part and their joint log-probability."""
        return _joined({part.name: part.distribution.mode(own) for part, own in self._split(params)})

    def log_prob_entropy(self, params: Tensor, action: Tree) -> tuple[Tensor, Tensor]:
        """The sums over the parts of log-probability and entropy, each `[...]`, for a mapping of actions."""
        pairs = [
            part.distribution.log_prob_entropy(own, action[part.name]) for part, own in self._split(params)
        ]
        log_probs, entropies = zip(*pairs, strict=True)
        return total(torch.stack(log_probs, dim=-1)), torch.stack(entropies, dim=-1).sum(-1)

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """The sum over the parts of their divergences, `[...]`."""
        both = zip(self._split(old), self._split(new), strict=True)
        each = [part.distribution.kl(p, q) for (part, p), (_, q) in both]
        return total(torch.stack(each, dim=-1))

    def _split(self, params: Params) -> Iterator[tuple[Part, Params]]:
        """Each part with its parameters."""
        start = 0
        for part in self.parts:
            yield part, params[..., start : start + part.width]
            start += part.width


def _joined(drawn: dict[str, tuple[Tree, Array]]) -> tuple[Tree, Array]:
    action = {name: own for name, (own, _) in drawn.items()}
    return action, reduce(add, (log_prob for _, log_prob in drawn.values()))
