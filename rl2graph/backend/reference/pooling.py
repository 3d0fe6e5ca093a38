"""Pooling, as means and maxima over windows."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics
from rl2graph.backend.reference.windows import windows


def largest(x: Tensor) -> Tensor:
    return x.max(dim=-1).values


def mean(x: Tensor) -> Tensor:
    return x.sum(dim=-1) / x.shape[-1]


def _pool(axes: int, fill: float, of: Callable[[Tensor], Tensor]) -> Semantics:
    return lambda e: of(windows(e, axes, fill).flatten(-axes))


def _adaptive(of: Callable[[Tensor], Tensor]) -> Semantics:
    """Window i of n over a side s is from floor(i s / n) up to ceil((i + 1) s / n)."""

    def semantics(e: Evaluation) -> Tensor:
        size = e.integers("size")
        rows, columns = (
            [slice(i * side // n, -((i + 1) * side // -n)) for i in range(n)]
            for side, n in zip(e.x.shape[-2:], (size[0], size[-1]), strict=True)
        )
        grid = [[of(e.x[..., row, column].flatten(-2)) for column in columns] for row in rows]
        return torch.stack([torch.stack(line, dim=-1) for line in grid], dim=-2)

    return semantics


SEMANTICS: dict[str, Semantics] = {
    "max_pool1d": _pool(1, -math.inf, largest),
    "max_pool2d": _pool(2, -math.inf, largest),
    "avg_pool1d": _pool(1, 0.0, mean),
    "avg_pool2d": _pool(2, 0.0, mean),
    "adaptive_avg_pool2d": _adaptive(mean),
    "adaptive_max_pool2d": _adaptive(largest),
}
