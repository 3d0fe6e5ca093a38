"""Numbers of one kind as those of another."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def cast(e: Evaluation) -> Tensor:
    if e.node.values["dtype"] == "f32":
        return e.x.to(e.dtype)
    return torch.where(e.x < 0, e.x.ceil(), e.x.floor()).to(torch.int64)


SEMANTICS: dict[str, Semantics] = {"cast": cast}
