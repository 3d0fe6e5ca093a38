"""Ops that change gradients, not values."""

from __future__ import annotations

from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def detach(e: Evaluation) -> Tensor:
    return e.x.detach()


def scale_grad(e: Evaluation) -> Tensor:
    scale = e.number("scale")
    return scale * e.x + (1 - scale) * e.x.detach()


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (detach, scale_grad)}
