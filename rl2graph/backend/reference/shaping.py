"""Ops that give values other axes, and keep them."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def flatten(e: Evaluation) -> Tensor:
    return e.x.reshape(*e.batch, -1)


def reshape(e: Evaluation) -> Tensor:
    return e.x.reshape((*e.batch, *e.node.type.dims))


def permute(e: Evaluation) -> Tensor:
    rank = e.rank(e.x)
    return e.x.permute((*e.axes, *(len(e.batch) + axis % rank for axis in e.integers("axes"))))


def unsqueeze(e: Evaluation) -> Tensor:
    return torch.stack([e.x], dim=e.axis())


def squeeze(e: Evaluation) -> Tensor:
    return e.x.select(e.axis(), 0)


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (flatten, reshape, permute, unsqueeze, squeeze)}
