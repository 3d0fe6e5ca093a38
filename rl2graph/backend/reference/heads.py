"""Heads: dense layers whose values mean something to an algorithm."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.dense import dense
from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def gaussian(e: Evaluation) -> Tensor:
    mean = dense(e)
    return torch.cat([mean, e.weights["log_std"] + torch.zeros_like(mean)], dim=-1)


def squashed_gaussian(e: Evaluation) -> Tensor:
    n = e.integer("n")
    parameters = dense(e)
    low, high = (torch.tensor(e.number(name), dtype=e.dtype) for name in ("low", "high"))
    log_std = torch.minimum(torch.maximum(parameters[..., n:], low), high)
    return torch.cat([parameters[..., :n], log_std], dim=-1)


def value(e: Evaluation) -> Tensor:
    return dense(e)[..., 0]


def _returns(width: str) -> Semantics:
    """The dense layer's values in rows, one for each action."""

    def semantics(e: Evaluation) -> Tensor:
        values, size = dense(e), e.integer(width)
        rows = [values[..., i * size : (i + 1) * size] for i in range(e.integer("n"))]
        return torch.stack(rows, dim=-2)

    return semantics


def masked(e: Evaluation) -> Tensor:
    logits, mask = e.operands
    lowest = torch.tensor(torch.finfo(e.dtype).min / 4, dtype=e.dtype)
    return torch.where(mask != 0, logits, lowest)


def atoms_mean(e: Evaluation) -> Tensor:
    low, high = e.number("low"), e.number("high")
    step = (high - low) / (e.x.shape[-1] - 1)
    likely = torch.softmax(e.x, dim=-1)
    return torch.stack([likely[..., i] * (low + i * step) for i in range(e.x.shape[-1])]).sum(0)


SEMANTICS: dict[str, Semantics] = {
    "categorical": dense,
    "deterministic": dense,
    "qvalues": dense,
    "atoms": _returns("atoms"),
    "quantiles": _returns("quantiles"),
} | {f.__name__: f for f in (gaussian, squashed_gaussian, value, masked, atoms_mean)}
