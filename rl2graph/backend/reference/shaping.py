"""Ops that move values without changing them."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def flatten(e: Evaluation) -> Tensor:
    return e.x.reshape(*e.batch, -1)


def concat(e: Evaluation) -> Tensor:
    return torch.cat(e.operands, dim=e.axis())


def stack(e: Evaluation) -> Tensor:
    return torch.cat([x.unsqueeze(e.axis()) for x in e.operands], dim=e.axis())


def detach(e: Evaluation) -> Tensor:
    return e.x.detach()


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (flatten, concat, stack, detach)}
