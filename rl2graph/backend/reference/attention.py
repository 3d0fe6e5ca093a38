"""Attention, head by head and query by query."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    y = (x.unsqueeze(-2) * weight).sum(-1)
    return y if bias is None else y + bias


def attention(e: Evaluation) -> Tensor:
    context = e.operands[1] if len(e.operands) > 1 else e.x
    width, m = e.x.shape[-1], context.shape[-2]
    kept = e.operands[2] != 0 if len(e.operands) > 2 else torch.ones(*e.batch, m, dtype=torch.bool)
    weights, bias = e.weights["in_proj_weight"], e.weights.get("in_proj_bias")
    q, k, v = (
        _product(x, weights[at : at + width], None if bias is None else bias[at : at + width])
        for at, x in zip(range(0, 3 * width, width), (e.x, context, context), strict=True)
    )
    size = width // e.integer("heads")
    heads = []
    for at in range(0, width, size):
        query, key, value = (y[..., at : at + size] for y in (q, k, v))
        rows = []
        for i in range(e.x.shape[-2]):
            until = i + 1 if e.node.values["causal"] else m
            scores = (query[..., i, None, :] * key[..., :until, :]).sum(-1) / math.sqrt(size)
            share = torch.where(kept[..., :until], torch.exp(scores - scores.amax(-1, keepdim=True)), 0.0)
            total = share.sum(-1, keepdim=True)
            share = share / torch.where(total == 0, 1.0, total)
            rows.append((share.unsqueeze(-1) * value[..., :until, :]).sum(-2))
        heads.append(torch.stack(rows, dim=-2))
    return _product(torch.cat(heads, dim=-1), e.weights["out_proj_weight"], e.weights.get("out_proj_bias"))


SEMANTICS: dict[str, Semantics] = {"attention": attention}
