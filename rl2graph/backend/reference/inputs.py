"""Constants, and how raw observations and actions become floats."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def constant(e: Evaluation) -> Tensor:
    return torch.tensor(e.number("value"), dtype=e.dtype)


def scale_image(e: Evaluation) -> Tensor:
    return e.x.to(e.dtype) / 255.0


def channels_first(e: Evaluation) -> Tensor:
    batch = len(e.batch)
    return e.x.permute(*e.axes, batch + 2, batch, batch + 1)


def one_hot(e: Evaluation) -> Tensor:
    return (e.x.unsqueeze(-1) - e.integer("start") == torch.arange(e.integer("n"))).to(e.dtype)


def one_hots(e: Evaluation) -> Tensor:
    parts = [e.x[..., i, None] == torch.arange(count) for i, count in enumerate(e.integers("counts"))]
    return torch.cat(parts, dim=-1).to(e.dtype)


def as_float(e: Evaluation) -> Tensor:
    return e.x.to(e.dtype)


SEMANTICS: dict[str, Semantics] = {
    f.__name__: f for f in (constant, scale_image, channels_first, one_hot, one_hots, as_float)
}
