"""Two ways to take one optimiser step on one loss text.

A loss is `loss(entries, batch, noise) -> (scalar, stats)`: it calls the entries by name and knows nothing of
how its gradient is taken. `EagerDriver` uses autograd and torch's fused Adam; `CompiledDriver` puts
gradient, clipping and Adam into one compiled graph. Both work on the same parameters and the same
`AdamState`, in place, so a run may be saved under one and go on under the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.optim.adam import adam as fused_adam

from rl2graph.agents.optimiser import AdamState

Outputs = dict[str, Tensor]
Tensors = Mapping[str, Tensor]
Entries = Mapping[str, Callable[..., Outputs]]
Loss = Callable[[Entries, Tensors, Tensors], tuple[Tensor, dict[str, Tensor]]]


class Driver(Protocol):
    """Takes one step on `batch`; returns the loss's stats (detached scalars), with `loss` and `grad_norm`."""

    def step(self, batch: Tensors, noise: Tensors) -> dict[str, Tensor]: ...


class EagerDriver:
    """Autograd, clipping by the global norm, and torch's fused Adam over our tensors.

    The optimiser's functional form: the same kernel without the bookkeeping of `torch.optim.Adam.step`, which
    costs more than the kernel on networks of this size.
    """

    def __init__(
        self, entries: Mapping[str, nn.Module], loss: Loss, state: AdamState, *, max_grad_norm: float
    ) -> None:
        self._entries = entries
        self._loss = loss
        self._state = state
        self._max_grad_norm = max_grad_norm
        self._parameters: list[Tensor] = list(state.parameters.values())
        self._exp_avg = [state.exp_avg[key] for key in state.parameters]
        self._exp_avg_sq = [state.exp_avg_sq[key] for key in state.parameters]
        self._steps = list(state.step.unbind())

    def step(self, batch: Tensors, noise: Tensors) -> dict[str, Tensor]:
        with torch.enable_grad():
            loss, stats = self._loss(self._entries, batch, noise)
        # Zeros for what the loss does not reach, as torch.func gives them.
        grads = list(torch.autograd.grad(loss, self._parameters, allow_unused=True, materialize_grads=True))
        state = self._state
        with torch.no_grad():
            norm = clip_(grads, self._max_grad_norm)
            fused_adam(
                self._parameters,
                grads,
                self._exp_avg,
                self._exp_avg_sq,
                [],
                self._steps,
                fused=True,
                amsgrad=False,
                beta1=state.betas[0],
                beta2=state.betas[1],
                lr=state.lr,
                weight_decay=0.0,
                eps=state.eps,
                maximize=False,
            )
        stats = {name: value.detach() for name, value in stats.items()}
        return stats | {"loss": loss.detach(), "grad_norm": norm}


class CompiledDriver:
    """Gradient, clipping and Adam in ONE graph of `torch.compile(fullgraph=True)`.

    Compiling takes seconds: it pays for itself in long runs only. A new batch shape compiles once more.
    """

    def __init__(
        self,
        entries: Mapping[str, nn.Module],
        loss: Loss,
        state: AdamState,
        *,
        max_grad_norm: float,
        backend: str = "inductor",
    ) -> None:
        self._state = state
        names = {name: [key for key, _ in entry.named_parameters()] for name, entry in entries.items()}

        def objective(
            parameters: dict[str, Tensor], batch: Tensors, noise: Tensors
        ) -> tuple[Tensor, dict[str, Tensor]]:
            def bind(name: str) -> Callable[..., Outputs]:
                # Frozen weights are not in `parameters`: they stay the entry's own.
                chosen = {key: parameters[key] for key in names[name] if key in parameters}

                def call(*args: Tensor) -> Outputs:
                    out: Outputs = functional_call(entries[name], chosen, args)
                    return out

                return call

            return loss({name: bind(name) for name in names}, batch, noise)

        def update(
            parameters: dict[str, Tensor],
            exp_avg: dict[str, Tensor],
            exp_avg_sq: dict[str, Tensor],
            step: Tensor,
            lr: Tensor,
            batch: Tensors,
            noise: Tensors,
        ) -> dict[str, Tensor]:
            grads, (value, stats) = grad_and_value(objective, has_aux=True)(parameters, batch, noise)
            norm = clip_(list(grads.values()), max_grad_norm)
            adam_(parameters, grads, exp_avg, exp_avg_sq, step, lr, betas=state.betas, eps=state.eps)
            told: dict[str, Tensor] = stats | {"loss": value, "grad_norm": norm}
            return told

        self._update = torch.compile(update, fullgraph=True, dynamic=False, backend=backend)

    def step(self, batch: Tensors, noise: Tensors) -> dict[str, Tensor]:
        state = self._state
        # grad_and_value asks for gradients itself; outside it, the in-place step needs leaves at rest.
        with torch.no_grad():
            stats: dict[str, Tensor] = self._update(
                dict(state.parameters), state.exp_avg, state.exp_avg_sq, state.step, state.lr, batch, noise
            )
            return stats


def clip_(grads: list[Tensor], max_norm: float) -> Tensor:
    """Scales `grads` in place to a global L2 norm of at most `max_norm`; returns the norm before that.

    `g <- g * min(1, max_norm / (norm + 1e-6))` (Pascanu et al. 2013), torch's formula; an infinite
    `max_norm` only measures.
    """
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
    if max_norm != float("inf"):
        torch._foreach_mul_(grads, torch.clamp(max_norm / (norm + 1e-6), max=1.0))
    return norm


def adam_(
    parameters: Mapping[str, Tensor],
    grads: Mapping[str, Tensor],
    exp_avg: Mapping[str, Tensor],
    exp_avg_sq: Mapping[str, Tensor],
    step: Tensor,
    lr: Tensor,
    *,
    betas: tuple[float, float],
    eps: float,
) -> None:
    """One step of Adam, in place (Kingma & Ba 2015, algorithm 1, with torch's placing of eps).

    m <- b1 m + (1 - b1) g,    v <- b2 v + (1 - b2) g^2
    p <- p - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
    """
    beta1, beta2 = betas
    step.add_(1.0)
    count = step[0]
    step_size = lr / (1.0 - beta1**count)
    root = (1.0 - beta2**count).sqrt()
    for key, grad in grads.items():
        exp_avg[key].lerp_(grad, 1.0 - beta1)
        exp_avg_sq[key].mul_(beta2).addcmul_(grad, grad, value=1.0 - beta2)
        denominator = exp_avg_sq[key].sqrt() / root + eps
        parameters[key].sub_(step_size * exp_avg[key] / denominator)


def make_driver(
    kind: str, entries: Mapping[str, nn.Module], loss: Loss, state: AdamState, *, max_grad_norm: float
) -> Driver:
    """The driver that a config names: `eager` or `compiled`."""
    driver = CompiledDriver if kind == "compiled" else EagerDriver
    return driver(entries, loss, state, max_grad_norm=max_grad_norm)
