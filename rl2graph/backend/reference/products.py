"""Products and lengths of vectors."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def matmul(e: Evaluation) -> Tensor:
    x, y = e.operands
    left, right = ("k" if e.rank(x) == 1 else "ik"), ("k" if e.rank(y) == 1 else "kj")
    return torch.einsum(f"...{left},...{right}->...{(left + right).replace('k', '')}", x, y)


def normalize(e: Evaluation) -> Tensor:
    length = (e.x * e.x).sum(dim=e.axis(), keepdim=True).sqrt()
    return e.x / length.clamp(min=e.number("eps"))


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (matmul, normalize)}
