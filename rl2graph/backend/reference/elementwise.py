"""Arithmetic, comparison and choice, element by element."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics, unary


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Semantics:
    return lambda e: function(*e.aligned())


def _comparison(function: Callable[[Tensor, Tensor], Tensor]) -> Semantics:
    return lambda e: torch.where(function(*e.aligned()), 1.0, 0.0).to(e.dtype)


def _sign(x: Tensor) -> Tensor:
    return torch.where(x > 0, 1.0, torch.where(x < 0, -1.0, 0.0)).to(x.dtype) + 0 * x


def _smaller(x: Tensor, y: Tensor) -> Tensor:
    """Two that are equal share the gradient."""
    return torch.where(x < y, x, torch.where(y < x, y, (x + y) / 2))


def where(e: Evaluation) -> Tensor:
    condition, x, y = e.aligned()
    return torch.where(condition == 0, y, x)


def clip(e: Evaluation) -> Tensor:
    low, high = e.number("low"), e.number("high")
    return torch.where(e.x < low, low, torch.where(e.x > high, high, e.x))


SEMANTICS: dict[str, Semantics] = {
    "add": _binary(lambda x, y: x + y),
    "sub": _binary(lambda x, y: x - y),
    "mul": _binary(lambda x, y: x * y),
    "div": _binary(lambda x, y: x / y),
    "neg": unary(lambda x: -x),
    "minimum": _binary(_smaller),
    "maximum": _binary(lambda x, y: -_smaller(-x, -y)),
    "greater": _comparison(lambda x, y: x > y),
    "less": _comparison(lambda x, y: y > x),
    "greater_equal": _comparison(lambda x, y: (x > y) | (x == y)),
    "less_equal": _comparison(lambda x, y: (x < y) | (x == y)),
    "equal": _comparison(lambda x, y: ~(x != y)),
    "where": where,
    "clip": clip,
    "abs": unary(lambda x: x * _sign(x.detach())),
    "square": unary(lambda x: x * x),
    "sign": unary(_sign),
    "sqrt": unary(lambda x: x**0.5),
    "exp": unary(lambda x: math.e**x),
    "log": unary(lambda x: torch.log2(x) * math.log(2)),
    "sin": unary(lambda x: torch.cos(x - math.pi / 2)),
    "cos": unary(lambda x: torch.sin(x + math.pi / 2)),
}
