"""Fully connected layers."""

from __future__ import annotations

from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def dense(e: Evaluation) -> Tensor:
    product = (e.x.unsqueeze(-2) * e.weights["weight"]).sum(-1)
    return product + e.weights["bias"] if "bias" in e.weights else product


SEMANTICS: dict[str, Semantics] = {"dense": dense}
