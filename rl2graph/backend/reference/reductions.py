"""Reductions, one element after the other."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _shaped(e: Evaluation, value: Tensor) -> Tensor:
    return value.unsqueeze(e.axis()) if e.node.values["keepdim"] else value


def _total(e: Evaluation, x: Tensor) -> Tensor:
    return reduce(torch.add, x.unbind(e.axis()))


def total(e: Evaluation) -> Tensor:
    return _shaped(e, _total(e, e.x))


def mean(e: Evaluation) -> Tensor:
    return _shaped(e, _total(e, e.x) / e.x.shape[e.axis()])


def _furthest(e: Evaluation, x: Tensor) -> Tensor:
    """The largest; those that are equal share the gradient."""
    best = (x == reduce(torch.maximum, x.detach().unbind(e.axis())).unsqueeze(e.axis())).to(x.dtype)
    return _total(e, torch.where(best == 1, x, 0.0)) / _total(e, best)


def amax(e: Evaluation) -> Tensor:
    return _shaped(e, _furthest(e, e.x))


def amin(e: Evaluation) -> Tensor:
    return _shaped(e, -_furthest(e, -e.x))


def logsumexp(e: Evaluation) -> Tensor:
    return _shaped(e, reduce(torch.logaddexp, e.x.unbind(e.axis())))


def var(e: Evaluation) -> Tensor:
    count = e.x.shape[e.axis()]
    centred = e.x - (_total(e, e.x) / count).unsqueeze(e.axis())
    return _shaped(e, _total(e, centred * centred) / (count - e.integer("correction")))


def argmax(e: Evaluation) -> Tensor:
    return e.x.sort(dim=e.axis(), descending=True, stable=True).indices.select(e.axis(), 0)


SEMANTICS: dict[str, Semantics] = {
    "sum": total,
    **{f.__name__: f for f in (mean, amax, amin, logsumexp, var, argmax)},
}
