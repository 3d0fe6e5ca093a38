"""Normalisation, by means of squares and differences written out."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def normalised(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """`x` less its mean over `axes`, divided by its deviation."""
    centred = x - average(x, axes)
    return centred / (average(centred * centred, axes) + eps) ** 0.5


def average(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    total, count = x, 1
    for axis in axes:
        total, count = total.sum(axis, keepdim=True), count * x.shape[axis]
    return total / count


def channels(e: Evaluation, x: Tensor) -> Tensor:
    """A number per channel, in a shape that broadcasts over the other axes of a sample."""
    return x.reshape(-1, *(1,) * (e.rank(e.x) - 1))


def layer_norm(e: Evaluation) -> Tensor:
    axes = tuple(range(-e.integer("axes"), 0))
    return normalised(e.x, axes, e.number("eps")) * e.weights["weight"] + e.weights["bias"]


def rms_norm(e: Evaluation) -> Tensor:
    return e.x / (average(e.x * e.x, (-1,)) + e.number("eps")) ** 0.5 * e.weights["weight"]


def group_norm(e: Evaluation) -> Tensor:
    axis = len(e.batch)
    groups = e.x.chunk(e.integer("groups"), dim=axis)
    axes = tuple(range(axis, e.x.dim()))
    joined = torch.cat([normalised(group, axes, e.number("eps")) for group in groups], dim=axis)
    return joined * channels(e, e.weights["weight"]) + channels(e, e.weights["bias"])


def batch_norm(e: Evaluation) -> Tensor:
    eps, weights = e.number("eps"), {name: channels(e, value) for name, value in e.weights.items()}
    if not e.advance:
        deviation = (weights["running_var"] + eps) ** 0.5
        return (e.x - weights["running_mean"]) / deviation * weights["weight"] + weights["bias"]
    axes = tuple(axis for axis in range(e.x.dim()) if axis != len(e.batch))
    seen = e.x.detach().movedim(len(e.batch), 0).flatten(1) if e.x.dim() > 1 else e.x.detach()[:, None]
    momentum, count = e.number("momentum"), seen.shape[1]
    means = seen.sum(1) / count
    e.after["running_mean"] = (1 - momentum) * e.weights["running_mean"] + momentum * means
    e.after["running_var"] = e.weights["running_var"]
    if count > 1:
        unbiased = ((seen - means[:, None]) ** 2).sum(1) / (count - 1)
        e.after["running_var"] = (1 - momentum) * e.weights["running_var"] + momentum * unbiased
    return normalised(e.x, axes, eps) * weights["weight"] + weights["bias"]


def running_norm(e: Evaluation) -> Tensor:
    """The statistics of one sample after the other, as if each came alone."""
    mean, var, count = (e.weights[name] for name in ("mean", "var", "count"))
    if e.advance:
        for x in e.x.detach().reshape(-1, *mean.shape):
            moved = (count * mean + x) / (count + 1)
            var = (count * var + (x - mean) * (x - moved)) / (count + 1)
            mean, count = moved, count + 1
        e.after |= {"mean": mean, "var": var, "count": count}
    clip = e.number("clip")
    y = (e.x - mean) / (var + e.number("eps")) ** 0.5
    return torch.where(y > clip, clip, torch.where(y < -clip, -clip, y))


SEMANTICS: dict[str, Semantics] = {
    f.__name__: f for f in (layer_norm, rms_norm, group_norm, batch_norm, running_norm)
}
