"""Weights that stand for themselves."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def parameter(e: Evaluation) -> Tensor:
    return e.weights["value"] + torch.zeros((*e.batch, *e.integers("shape")), dtype=e.dtype)


SEMANTICS: dict[str, Semantics] = {"parameter": parameter}
