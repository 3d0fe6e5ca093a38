"""Ops that give values other axes, join them and take their parts."""

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


def concat(e: Evaluation) -> Tensor:
    return torch.stack([part for x in e.operands for part in x.unbind(e.axis())], dim=e.axis())


def stack(e: Evaluation) -> Tensor:
    return torch.cat([x.unsqueeze(e.axis()) for x in e.operands], dim=e.axis())


def repeat(e: Evaluation) -> Tensor:
    times, length = e.integer("times"), e.x.shape[e.axis()]
    return e.x.index_select(e.axis(), torch.arange(times * length) % length)


def slice_(e: Evaluation) -> Tensor:
    stop = e.node.values["stop"]
    assert stop is None or isinstance(stop, int)
    kept = list(range(e.x.shape[e.axis()]))[e.integer("start") : stop]
    return e.x.index_select(e.axis(), torch.tensor(kept))


def select(e: Evaluation) -> Tensor:
    return e.x.unbind(e.axis())[e.integer("index")]


def pad(e: Evaluation) -> Tensor:
    sizes = e.integers("sizes")
    x = e.x
    for pair in range(len(sizes) // 2):
        axis = -pair - 1
        before, after = (
            torch.full((*x.shape[:axis], count, *x.shape[x.dim() + axis + 1 :]), e.number("value"))
            for count in sizes[2 * pair : 2 * pair + 2]
        )
        x = torch.cat([before.to(x.dtype), x, after.to(x.dtype)], dim=axis)
    return x


SEMANTICS: dict[str, Semantics] = {
    f.__name__.rstrip("_"): f
    for f in (
        flatten,
        reshape,
        permute,
        unsqueeze,
        squeeze,
        concat,
        stack,
        repeat,
        slice_,
        select,
        pad,
    )
}
