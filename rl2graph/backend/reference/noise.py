"""What noise does, element by element and image by image."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.dense import dense
from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def dropout(e: Evaluation) -> Tensor:
    if e.noise is None:
        return e.x
    kept = (e.noise["mask"] >= e.number("p")).to(e.dtype)
    return e.x * kept / (1 - e.number("p"))


def noise(e: Evaluation) -> Tensor:
    return e.x if e.noise is None else e.x + e.number("std") * e.noise["normal"]


def noisy_dense(e: Evaluation) -> Tensor:
    """The dense layer, and one of the widths between the noise of the inputs and that of the outputs."""
    result = dense(e)
    if e.noise is None:
        return result
    f_in, f_out = (torch.where(x < 0, -((-x) ** 0.5), x**0.5) for x in (e.noise["in"], e.noise["out"]))
    moved = f_out * ((e.x * f_in).unsqueeze(-2) * e.weights["weight_sigma"]).sum(-1)
    return result + moved + (f_out * e.weights["bias_sigma"] if "bias_sigma" in e.weights else 0.0)


def random_shift(e: Evaluation) -> Tensor:
    if e.noise is None:
        return e.x
    pad = e.integer("pad")
    images = e.x.reshape(-1, *e.x.shape[-3:])
    offsets = (e.noise["offset"] * (2 * pad + 1)).floor().reshape(-1, 2)
    shifted = [
        _crop(image, pad, *(min(int(at), 2 * pad) for at in offset))
        for image, offset in zip(images, offsets, strict=True)
    ]
    return torch.stack(shifted).reshape(e.x.shape)


def _crop(image: Tensor, pad: int, row: int, column: int) -> Tensor:
    """From a place of the image that is padded by its first and last rows and columns."""
    _, height, width = image.shape
    tall = torch.cat([image[:, :1]] * pad + [image] + [image[:, -1:]] * pad, dim=1)
    wide = torch.cat([tall[:, :, :1]] * pad + [tall] + [tall[:, :, -1:]] * pad, dim=2)
    return wide[:, row : row + height, column : column + width]


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (dropout, noise, noisy_dense, random_shift)}
