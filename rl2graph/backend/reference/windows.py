"""Windows over the last axes of a tensor."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation


def padded(x: Tensor, axes: int, padding: int, fill: float) -> Tensor:
    """`x` with `padding` of `fill` at both ends of each of its last axes."""
    lead, sides = x.shape[:-axes], x.shape[-axes:]
    result = torch.full((*lead, *(side + 2 * padding for side in sides)), fill, dtype=x.dtype)
    inner = result
    for axis, side in zip(range(-axes, 0), sides, strict=True):
        inner = inner.narrow(axis, padding, side)
    inner.copy_(x)
    return result


def windows(e: Evaluation, axes: int, fill: float) -> Tensor:
    """All windows: `[…, channels, out sides…, kernel sides…]`."""
    kernel = e.integer("kernel")
    stride = kernel if e.node.values["stride"] is None else e.integer("stride")
    x = padded(e.x, axes, e.integer("padding"), fill)
    for _ in range(axes):
        x = x.unfold(-axes, kernel, stride)
    return x
