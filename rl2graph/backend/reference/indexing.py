"""Ops that take a part of a tensor, or put something around it."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


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


SEMANTICS: dict[str, Semantics] = {"slice": slice_, "select": select, "pad": pad}
