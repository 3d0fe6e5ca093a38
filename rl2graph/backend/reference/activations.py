"""Activations."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _unary(function: Callable[[Tensor], Tensor]) -> Semantics:
    return lambda e: function(e.x)


def _sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def _softplus(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


def elu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("alpha") * torch.expm1(e.x.clamp(max=0)))


def leaky_relu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("slope") * e.x)


def _centred(e: Evaluation) -> Tensor:
    """The operand less its largest along the axis: a softmax does not see the difference."""
    return e.x - e.x.detach().max(dim=e.axis(), keepdim=True).values


def softmax(e: Evaluation) -> Tensor:
    weights = torch.exp(_centred(e))
    return weights / weights.sum(dim=e.axis(), keepdim=True)


def log_softmax(e: Evaluation) -> Tensor:
    x = _centred(e)
    return x - torch.log(torch.exp(x).sum(dim=e.axis(), keepdim=True))


SEMANTICS: dict[str, Semantics] = {
    "relu": _unary(lambda x: torch.where(x > 0, x, torch.zeros_like(x))),
    "tanh": _unary(lambda x: 2 * _sigmoid(2 * x) - 1),
    "sigmoid": _unary(_sigmoid),
    "silu": _unary(lambda x: x * _sigmoid(x)),
    "gelu": _unary(lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2),
    "mish": _unary(lambda x: x * (1 - 2 / (1 + torch.exp(2 * _softplus(x))))),
    "softplus": _unary(_softplus),
    "elu": elu,
    "leaky_relu": leaky_relu,
    "softmax": softmax,
    "log_softmax": log_softmax,
}
