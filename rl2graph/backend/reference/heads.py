"""Heads: dense layers whose values mean something to an algorithm."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.dense import dense
from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def gaussian(e: Evaluation) -> Tensor:
    mean = dense(e)
    return torch.cat([mean, e.weights["log_std"] + torch.zeros_like(mean)], dim=-1)


def value(e: Evaluation) -> Tensor:
    return dense(e)[..., 0]


SEMANTICS: dict[str, Semantics] = {
    "categorical": dense,
    "deterministic": dense,
    "qvalues": dense,
    "gaussian": gaussian,
    "value": value,
}
