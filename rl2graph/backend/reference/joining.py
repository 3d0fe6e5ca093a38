"""Ops that join tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def concat(e: Evaluation) -> Tensor:
    return torch.stack([part for x in e.operands for part in x.unbind(e.axis())], dim=e.axis())


def stack(e: Evaluation) -> Tensor:
    return torch.cat([x.unsqueeze(e.axis()) for x in e.operands], dim=e.axis())


def repeat(e: Evaluation) -> Tensor:
    times, length = e.integer("times"), e.x.shape[e.axis()]
    return e.x.index_select(e.axis(), torch.arange(times * length) % length)


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (concat, stack, repeat)}
