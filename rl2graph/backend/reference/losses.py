"""Losses per sample."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def over_sample(e: Evaluation, x: Tensor) -> Tensor:
    """The mean over a sample's elements."""
    flat = x.reshape(*e.batch, -1)
    return flat.sum(dim=-1) / flat.shape[-1]


def mse(e: Evaluation) -> Tensor:
    left, right = e.aligned()
    return over_sample(e, (left - right) * (left - right))


def huber(e: Evaluation) -> Tensor:
    left, right = e.aligned()
    delta, distance = e.number("delta"), left - right
    near = distance * distance / 2
    far = delta * (torch.where(distance < 0, -distance, distance) - delta / 2)
    return over_sample(e, torch.where(near <= delta * delta / 2, near, far))


def cross_entropy(e: Evaluation) -> Tensor:
    logits, target = e.operands
    total = reduce(torch.logaddexp, logits.unbind(-1))
    return over_sample(e, target.sum(dim=-1) * total - (target * logits).sum(dim=-1))


def binary_cross_entropy(e: Evaluation) -> Tensor:
    logits, target = e.operands
    zero = torch.zeros_like(logits)
    of_one, of_zero = torch.logaddexp(zero, -logits), torch.logaddexp(zero, logits)
    return over_sample(e, target * of_one + (1 - target) * of_zero)


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (mse, huber, cross_entropy, binary_cross_entropy)}
