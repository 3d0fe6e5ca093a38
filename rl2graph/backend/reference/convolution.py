"""Convolution and pooling, as sums and maxima over windows."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def padded(x: Tensor, padding: int, fill: float) -> Tensor:
    *lead, height, width = x.shape
    result = torch.full((*lead, height + 2 * padding, width + 2 * padding), fill, dtype=x.dtype)
    result[..., padding : padding + height, padding : padding + width] = x
    return result


def windows(e: Evaluation, fill: float) -> Tensor:
    """All windows: `[…, channels, out height, out width, kernel, kernel]`."""
    kernel = e.integer("kernel")
    stride = kernel if e.node.values["stride"] is None else e.integer("stride")
    x = padded(e.x, e.integer("padding"), fill)
    return x.unfold(-2, kernel, stride).unfold(-2, kernel, stride)


def conv2d(e: Evaluation) -> Tensor:
    seen = windows(e, 0.0).unsqueeze(len(e.batch))
    filters = e.weights["weight"].unsqueeze(-3).unsqueeze(-3)
    return (seen * filters).sum(dim=(-1, -2, -5)) + e.weights["bias"][:, None, None]


def max_pool2d(e: Evaluation) -> Tensor:
    return windows(e, -math.inf).flatten(-2).max(dim=-1).values


SEMANTICS: dict[str, Semantics] = {"conv2d": conv2d, "max_pool2d": max_pool2d}
