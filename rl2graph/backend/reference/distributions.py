"""Distributions of actions, from their definitions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def masked(e: Evaluation) -> Tensor:
    logits, mask = e.operands
    lowest = torch.tensor(torch.finfo(e.dtype).min / 4, dtype=e.dtype)
    return torch.where(mask != 0, logits, lowest)


def _groups(e: Evaluation, x: Tensor) -> list[Tensor]:
    """The parts of a vector that belong to one choice each."""
    groups, start = [], 0
    for count in (x.shape[-1],) if e.node.values["counts"] is None else e.integers("counts"):
        groups.append(x[..., start : start + count])
        start += count
    return groups


def categorical_sample(e: Evaluation) -> Tensor:
    """By exponential waiting times, of which the least wins: the Gumbel trick without its logarithm."""
    samples = []
    for index, logits in enumerate(_groups(e, e.x)):
        rates = torch.softmax(logits, dim=-1)
        if e.noise is not None:
            uniform = _groups(e, e.noise["uniform"])[index]
            rates = rates / -torch.log(uniform.clamp(min=torch.finfo(e.dtype).tiny))
        earlier = torch.cat([torch.full_like(rates[..., :1], -1.0), rates.cummax(-1).values[..., :-1]], -1)
        largest = (rates == rates.amax(dim=-1, keepdim=True)) & (rates > earlier)
        samples.append(largest.to(e.dtype))
    return torch.cat(samples, dim=-1)


def _log_softmax(logits: Tensor) -> Tensor:
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    return shifted - torch.log(torch.exp(shifted).sum(dim=-1, keepdim=True))


def categorical_log_prob(e: Evaluation) -> Tensor:
    pairs = zip(_groups(e, e.x), _groups(e, e.operands[1]), strict=True)
    return torch.stack([(_log_softmax(logits) * act).sum(-1) for logits, act in pairs]).sum(0)


def categorical_entropy(e: Evaluation) -> Tensor:
    groups = _groups(e, e.x)
    each = [-(torch.softmax(logits, dim=-1) * _log_softmax(logits)).sum(-1) for logits in groups]
    return torch.stack(each).sum(0)


def bernoulli_sample(e: Evaluation) -> Tensor:
    if e.noise is None:
        return (e.x > 0).to(e.dtype)
    uniform = e.noise["uniform"]
    return (torch.log(uniform / (1 - uniform)) < e.x).to(e.dtype)


def _log_one_and_zero(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probabilities of a one and of a zero."""
    zero = torch.zeros_like(logits)
    return -torch.logaddexp(zero, -logits), -torch.logaddexp(zero, logits)


def bernoulli_log_prob(e: Evaluation) -> Tensor:
    act = e.operands[1]
    one, zero = _log_one_and_zero(e.x)
    return (act * one + (1 - act) * zero).sum(-1)


def bernoulli_entropy(e: Evaluation) -> Tensor:
    one, zero = _log_one_and_zero(e.x)
    return -(torch.exp(one) * one + torch.exp(zero) * zero).sum(-1)


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
    f.__name__: f
    for f in (
        masked,
        categorical_sample,
        categorical_log_prob,
        categorical_entropy,
        bernoulli_sample,
        bernoulli_log_prob,
        bernoulli_entropy,
        gaussian_sample,
        gaussian_log_prob,
        gaussian_entropy,
        tanh_log_det,
    )
}
