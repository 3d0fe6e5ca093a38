"""Distributions of vectors of numbers, from their definitions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _mean_and_deviation(e: Evaluation) -> tuple[Tensor, Tensor]:
    n = e.x.shape[-1] // 2
    return e.x[..., :n], torch.exp(e.x[..., n:])


def gaussian_sample(e: Evaluation) -> Tensor:
    mean, deviation = _mean_and_deviation(e)
    return mean if e.noise is None else mean + deviation * e.noise["normal"]


def gaussian_log_prob(e: Evaluation) -> Tensor:
    mean, deviation = _mean_and_deviation(e)
    density = -((e.operands[1] - mean) ** 2) / (2 * deviation**2)
    return (density - torch.log(deviation * math.sqrt(2 * math.pi))).sum(-1)


def gaussian_entropy(e: Evaluation) -> Tensor:
    _, deviation = _mean_and_deviation(e)
    return (0.5 * torch.log(2 * math.pi * math.e * deviation**2)).sum(-1)


def tanh_log_det(e: Evaluation) -> Tensor:
    return -2 * torch.log(torch.cosh(e.x)).sum(-1)


SEMANTICS: dict[str, Semantics] = {
    f.__name__: f for f in (gaussian_sample, gaussian_log_prob, gaussian_entropy, tanh_log_det)
}
