"""Distributions of choices, and of zeros and ones, from their definitions."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.activations import log_softmax
from rl2graph.backend.reference.evaluation import Evaluation, Semantics


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


def categorical_log_prob(e: Evaluation) -> Tensor:
    pairs = zip(_groups(e, e.x), _groups(e, e.operands[1]), strict=True)
    return torch.stack([(log_softmax(logits, -1) * act).sum(-1) for logits, act in pairs]).sum(0)


def categorical_entropy(e: Evaluation) -> Tensor:
    groups = _groups(e, e.x)
    each = [-(torch.softmax(logits, dim=-1) * log_softmax(logits, -1)).sum(-1) for logits in groups]
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


SEMANTICS: dict[str, Semantics] = {
    f.__name__: f
    for f in (
        categorical_sample,
        categorical_log_prob,
        categorical_entropy,
        bernoulli_sample,
        bernoulli_log_prob,
        bernoulli_entropy,
    )
}
