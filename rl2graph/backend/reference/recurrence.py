"""One step of each recurrent op; the interpreter makes sequences of steps, and resets states."""

from __future__ import annotations

import torch
from torch import Tensor

from rl2graph.backend.reference.activations import sigmoid
from rl2graph.backend.reference.evaluation import Evaluation, Semantics


def _gates(e: Evaluation, which: str, x: Tensor, count: int) -> tuple[Tensor, ...]:
    rows = (x.unsqueeze(-2) * e.weights[f"weight_{which}"]).sum(-1) + e.weights[f"bias_{which}"]
    return rows.chunk(count, dim=-1)


def lstm(e: Evaluation) -> Tensor:
    """Gates in torch's order: input, forget, cell, output (Hochreiter and Schmidhuber 1997; Gers 2000)."""
    hidden, cell = e.state["hidden"], e.state["cell"]
    pairs = zip(_gates(e, "ih", e.x, 4), _gates(e, "hh", hidden, 4), strict=True)
    i, f, g, o = (a + b for a, b in pairs)
    e.after["cell"] = sigmoid(f) * cell + sigmoid(i) * torch.tanh(g)
    e.after["hidden"] = sigmoid(o) * torch.tanh(e.after["cell"])
    return e.after["hidden"]


def gru(e: Evaluation) -> Tensor:
    """Gates in torch's order: reset, update, new (Cho et al. 2014, with the reset after the product)."""
    hidden = e.state["hidden"]
    (r_x, z_x, n_x), (r_h, z_h, n_h) = _gates(e, "ih", e.x, 3), _gates(e, "hh", hidden, 3)
    new = torch.tanh(n_x + sigmoid(r_x + r_h) * n_h)
    update = sigmoid(z_x + z_h)
    e.after["hidden"] = (1 - update) * new + update * hidden
    return e.after["hidden"]


def memory(e: Evaluation) -> Tensor:
    axis = len(e.batch)
    values = [*e.state["earlier"].unbind(axis), e.x]
    e.after["earlier"] = (
        torch.stack(values[1:], dim=axis) if len(values) > 1 else torch.zeros_like(e.state["earlier"])
    )
    return torch.stack(values, dim=axis)


def frame_stack(e: Evaluation) -> Tensor:
    return torch.cat(memory(e).unbind(len(e.batch)), dim=len(e.batch))


SEMANTICS: dict[str, Semantics] = {f.__name__: f for f in (lstm, gru, memory, frame_stack)}
