"""Activations."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics, unary


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def _softplus(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


def elu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("alpha") * torch.expm1(e.x.clamp(max=0)))


def leaky_relu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("slope") * e.x)


def softmax(e: Evaluation) -> Tensor:
    weights = torch.exp(_centred(e.x, e.axis()))
    return weights / weights.sum(dim=e.axis(), keepdim=True)


def log_softmax(x: Tensor, axis: int) -> Tensor:
    x = _centred(x, axis)
    return x - torch.log(torch.exp(x).sum(dim=axis, keepdim=True))


def _centred(x: Tensor, axis: int) -> Tensor:
    """`x` less its largest along the axis: a softmax does not see the difference."""
    return x - x.detach().amax(dim=axis, keepdim=True)


SEMANTICS: dict[str, Semantics] = {
    "relu": unary(lambda x: torch.where(x > 0, x, torch.zeros_like(x))),
    "tanh": unary(lambda x: 2 * sigmoid(2 * x) - 1),
    "sigmoid": unary(sigmoid),
    "silu": unary(lambda x: x * sigmoid(x)),
    "gelu": unary(lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2),
    "mish": unary(lambda x: x * (1 - 2 / (1 + torch.exp(2 * _softplus(x))))),
    "softplus": unary(_softplus),
    "elu": elu,
    "leaky_relu": leaky_relu,
    "softmax": softmax,
    "log_softmax": lambda e: log_softmax(e.x, e.axis()),
}
