"""Fully connected layers, and tables of vectors."""

from __future__ import annotations

from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def dense(e: Evaluation) -> Tensor:
    product = (e.x.unsqueeze(-2) * e.weights["weight"]).sum(-1)
    return product + e.weights["bias"] if "bias" in e.weights else product


def embedding(e: Evaluation) -> Tensor:
    weight = e.weights["weight"]
    if e.x.is_floating_point():
        return (e.x.unsqueeze(-1) * weight).sum(-2)
    return weight[e.x]


SEMANTICS: dict[str, Semantics] = {"dense": dense, "embedding": embedding}
