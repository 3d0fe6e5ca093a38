"""What an algorithm needs of a policy's distribution."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rl2graph.memory.trees import Tree

Array = NDArray[Any]


class Distribution(Protocol):
    """A distribution of actions, given by a policy head's output.

    Two sides: torch for the loss (differentiable, any leading axes, any device), NumPy for acting (batch
    first, float32, from a private `numpy.random.Generator`; one generator state gives one action, bit for
    bit). An action is a tree: one array, or a mapping from names to trees for an action of parts.

    Choices that the op `masked` rules out have probability 0: they are never drawn, and count nothing in the
    entropy or divergence. Their log-probability is about -8.5e37 rather than -inf, so that no gradient is
    NaN.
    """

    def sample(self, params: Array, rng: np.random.Generator) -> tuple[Tree, Array]:
        """An action `[B, ...]` and its log-probability float32 `[B]`, for parameters float32 `[B, P]`."""
        ...

    def mode(self, params: Array) -> tuple[Tree, Array]:
        """The likeliest action `[B, ...]` and its log-probability float32 `[B]`, for parameters `[B, P]`."""
        ...

    def log_prob_entropy(self, params: Tensor, action: Tree) -> tuple[Tensor, Tensor]:
        """`log pi(a)` and the entropy in nats, each `[...]`, for parameters `[..., P]`.

        An action has the same leading axes, its arrays `[..., *own shape]`.
        """
        ...

    def kl(self, old: Tensor, new: Tensor) -> Tensor:
        """`KL(old || new) = E_old[log old(a) - log new(a)]` in nats, `[...]`, for parameters `[..., P]`."""
        ...


def total(parts: Tensor) -> Tensor:
    """The sum over the last axis, at most a quarter of what the dtype holds: that of masked choices would be
    infinite.
    """
    limit = torch.finfo(parts.dtype).max / 4
    return parts.sum(-1).clamp(-limit, limit)
