"""Arithmetic and activations."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _unary(function: Callable[[Tensor], Tensor]) -> Semantics:
    return lambda e: function(e.x)


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Semantics:
    return lambda e: function(*e.aligned())


def _sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def elu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("alpha") * torch.expm1(e.x.clamp(max=0)))


def leaky_relu(e: Evaluation) -> Tensor:
    return torch.where(e.x > 0, e.x, e.number("slope") * e.x)


SEMANTICS: dict[str, Semantics] = {
    "add": _binary(lambda x, y: x + y),
    "sub": _binary(lambda x, y: x - y),
    "mul": _binary(lambda x, y: x * y),
    "div": _binary(lambda x, y: x / y),
    "neg": _unary(lambda x: -x),
    "relu": _unary(lambda x: torch.where(x > 0, x, torch.zeros_like(x))),
    "tanh": _unary(lambda x: 2 * _sigmoid(2 * x) - 1),
    "sigmoid": _unary(_sigmoid),
    "silu": _unary(lambda x: x * _sigmoid(x)),
    "gelu": _unary(lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2),
    "softplus": _unary(lambda x: torch.logaddexp(x, torch.zeros_like(x))),
    "elu": elu,
    "leaky_relu": leaky_relu,
}
