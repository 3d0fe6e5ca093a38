"""Two ways to take one optimiser step on one loss text.

A loss is `loss(entries, batch, noise) -> (scalar, stats)`: it calls the entries by name and knows nothing of
how its gradient is taken. `EagerDriver` uses autograd and the optimiser's fast kernels; `CompiledDriver` puts
gradient, clipping and optimiser into one compiled graph. Both work on the same parameters and the same
optimiser state, in place, so a run may be saved under one and go on under the other.

Neither takes a step whose loss or gradient is not finite. From finite weights and gradients of a finite norm
come finite weights and finite state, so it is enough to look at these two numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from rl2graph.agents.safety import NonFinite, non_finite_step
from rl2graph.memory.trees import Tree

Outputs = dict[str, Any]
Tensors = Mapping[str, Tensor]
Batch = Mapping[str, Tree]
"""Tensors by name; what has parts (an observation, a recurrent state) is a mapping in turn."""
Entries = Mapping[str, Callable[..., Outputs]]
Loss = Callable[[Entries, Batch, Tensors], tuple[Tensor, dict[str, Tensor]]]


class Steps(Protocol):
    """What a driver asks of an optimiser: an `Optimiser`, or several as one."""

    @property
    def parameters(self) -> Mapping[str, nn.Parameter]: ...
    def tensors(self) -> dict[str, Tensor]: ...
    def step(self, grads: Sequence[Tensor]) -> None: ...
    def step_in_graph(
        self,
        parameters: Mapping[str, Tensor],
        grads: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        apply: Tensor,
    ) -> None: ...


class Driver(Protocol):
    """Takes one step on `batch`; returns the loss's stats (detached scalars), with `loss` and `grad_norm`,
    the global norm before clipping.

    Raises:
        NonFinite: the loss or the gradient's norm is not finite; weights and optimiser are as before it.
    """

    def step(self, batch: Batch, noise: Tensors) -> dict[str, Tensor]: ...


class EagerDriver:
    """Autograd, clipping by the global norm, and the optimiser's fast step."""

    def __init__(
        self,
        entries: Mapping[str, nn.Module],
        loss: Loss,
        optimiser: Steps,
        *,
        max_grad_norm: float,
    ) -> None:
        self._entries = entries
        self._loss = loss
        self._optimiser = optimiser
        self._max_grad_norm = max_grad_norm
        self._parameters: list[Tensor] = list(optimiser.parameters.values())

    def step(self, batch: Batch, noise: Tensors) -> dict[str, Tensor]:
        loss, stats, grads = _gradients(self._entries, self._loss, self._parameters, batch, noise)
        with torch.no_grad():
            norm = global_norm(grads)
            if not _finite(loss, norm):
                raise non_finite_step(loss, stats, dict(zip(self._optimiser.parameters, grads, strict=True)))
            scale_(grads, norm, self._max_grad_norm)
            self._optimiser.step(grads)
        return stats | {"loss": loss, "grad_norm": norm}


class CompiledDriver:
    """Gradient, clipping and optimiser in ONE graph of `torch.compile(fullgraph=True)`.

    Compiling takes seconds: it pays for itself in long runs only. A new batch shape compiles once more.
    """

    def __init__(
        self,
        entries: Mapping[str, nn.Module],
        loss: Loss,
        optimiser: Steps,
        *,
        max_grad_norm: float,
        backend: str = "inductor",
    ) -> None:
        self._entries = entries
        self._loss = loss
        self._optimiser = optimiser
        self._tensors = optimiser.tensors()
        names = {name: [key for key, _ in entry.named_parameters()] for name, entry in entries.items()}

        def objective(
            parameters: dict[str, Tensor], batch: Batch, noise: Tensors
        ) -> tuple[Tensor, dict[str, Tensor]]:
            def bind(name: str) -> Callable[..., Outputs]:
                # Frozen weights are not in `parameters`: they stay the entry's own.
                chosen = {key: parameters[key] for key in names[name] if key in parameters}

                def call(*args: Any, **inputs: Any) -> Outputs:
                    out: Outputs = functional_call(entries[name], chosen, args, inputs)
                    return out

                return call

            return loss({name: bind(name) for name in names}, batch, noise)

        def update(
            parameters: dict[str, Tensor], tensors: dict[str, Tensor], batch: Batch, noise: Tensors
        ) -> dict[str, Tensor]:
            grads, (value, stats) = grad_and_value(objective, has_aux=True)(parameters, batch, noise)
            norm = global_norm(list(grads.values()))
            scale_(list(grads.values()), norm, max_grad_norm)
            finite = torch.isfinite(norm) & torch.isfinite(value)
            optimiser.step_in_graph(parameters, grads, tensors, finite)
            told: dict[str, Tensor] = stats | {"loss": value, "grad_norm": norm}
            return told

        self._update = torch.compile(_of_its_own(update), fullgraph=True, dynamic=False, backend=backend)

    def step(self, batch: Batch, noise: Tensors) -> dict[str, Tensor]:
        parameters = self._optimiser.parameters
        # grad_and_value asks for gradients itself; outside it, the in-place step needs leaves at rest.
        with torch.no_grad():
            told: dict[str, Tensor] = self._update(dict(parameters), self._tensors, batch, noise)
            if not _finite(told["loss"], told["grad_norm"]):
                raise self._diagnosed(told, batch, noise)
        return told

    def _diagnosed(self, told: Mapping[str, Tensor], batch: Batch, noise: Tensors) -> NonFinite:
        """The weights are as they were: one eager pass over the batch gives the gradients of that step."""
        parameters = self._optimiser.parameters
        _, _, grads = _gradients(self._entries, self._loss, list(parameters.values()), batch, noise)
        stats = {name: value for name, value in told.items() if name not in ("loss", "grad_norm")}
        return non_finite_step(told["loss"], stats, dict(zip(parameters, grads, strict=True)))


def _of_its_own(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with code of its own: torch keeps what it compiled by code object, at most 8 to each, and
    the ninth batch shape among all drivers of a process would fail.
    """
    assert isinstance(function, FunctionType)
    code = function.__code__.replace()
    return FunctionType(code, function.__globals__, function.__name__, None, function.__closure__)


def _gradients(
    entries: Entries, loss: Loss, parameters: list[Tensor], batch: Batch, noise: Tensors
) -> tuple[Tensor, dict[str, Tensor], list[Tensor]]:
    """The loss, its stats and its gradients by autograd, all detached."""
    with torch.enable_grad():
        value, stats = loss(entries, batch, noise)
    # Zeros for what the loss does not reach, as torch.func gives them.
    grads = torch.autograd.grad(value, parameters, allow_unused=True, materialize_grads=True)
    if not all(isinstance(stat, Tensor) for stat in stats.values()):
        raise TypeError("what a loss reports is a tensor, a scalar, by name")
    return value.detach(), {name: stat.detach() for name, stat in stats.items()}, list(grads)


def _finite(loss: Tensor, norm: Tensor) -> bool:
    """Whether both are finite: on an accelerator, the one place where a step waits for it."""
    return math.isfinite(loss.item()) and math.isfinite(norm.item())


def global_norm(grads: list[Tensor]) -> Tensor:
    """The L2 norm of all gradients as one vector; a scalar."""
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
    return norm


def scale_(grads: list[Tensor], norm: Tensor, max_norm: float) -> None:
    """Scales `grads` of global norm `norm` in place to a norm of at most `max_norm`, which may be infinite.

    `g <- g * min(1, max_norm / (norm + 1e-6))` (Pascanu et al. 2013), torch's formula.
    """
    if max_norm != float("inf"):
        torch._foreach_mul_(grads, torch.clamp(max_norm / (norm + 1e-6), max=1.0))


def make_driver(
    kind: str,
    entries: Mapping[str, nn.Module],
    loss: Loss,
    optimiser: Steps,
    *,
    max_grad_norm: float,
) -> Driver:
    """The driver that a config names: `eager` or `compiled`."""
    driver = CompiledDriver if kind == "compiled" else EagerDriver
    return driver(entries, loss, optimiser, max_grad_norm=max_grad_norm)
