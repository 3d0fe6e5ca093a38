"""Convolution, as sums over windows."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics
from rl2graph.backend.reference.windows import windows


def conv1d(e: Evaluation) -> Tensor:
    seen = windows(e, 1, 0.0).unsqueeze(len(e.batch))
    filters = e.weights["weight"].unsqueeze(-2)
    return _with_bias(e, (seen * filters).sum(dim=(-1, -3)), 1)


def conv2d(e: Evaluation) -> Tensor:
    seen = windows(e, 2, 0.0).unsqueeze(len(e.batch))
    filters = e.weights["weight"].unsqueeze(-3).unsqueeze(-3)
    return _with_bias(e, (seen * filters).sum(dim=(-1, -2, -5)), 2)


def conv_transpose2d(e: Evaluation) -> Tensor:
    """Each pixel adds the filters, times its value, to the result; padding cuts the result's borders."""
    kernel, stride, padding = e.integer("kernel"), e.integer("stride"), e.integer("padding")
    height, width = e.x.shape[-2:]
    tall, wide = ((side - 1) * stride + kernel + e.integer("output_padding") for side in (height, width))
    result = torch.zeros(*e.batch, e.integer("out"), tall, wide, dtype=e.x.dtype)
    for i in range(height):
        for j in range(width):
            pixel = e.x[..., :, i, j, None, None, None]
            rows, columns = (slice(at * stride, at * stride + kernel) for at in (i, j))
            result[..., rows, columns] += (pixel * e.weights["weight"]).sum(-4)
    return _with_bias(e, result[..., padding : tall - padding, padding : wide - padding], 2)


def _with_bias(e: Evaluation, x: Tensor, axes: int) -> Tensor:
    """The channels of `x`, which has so many axes behind them, with the bias where there is one."""
    return x + e.weights["bias"].reshape(-1, *(1,) * axes) if "bias" in e.weights else x


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (conv1d, conv2d, conv_transpose2d)}
