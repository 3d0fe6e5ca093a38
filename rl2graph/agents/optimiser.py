"""What optimisers share: groups of learning rates, and state as plain tensors, saved as it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from rl2graph.diagnostics import DiagnosticError


class Group(NamedTuple):
    """Parameters of one learning rate.

    Attributes:
        rate: scalar, a view of the optimiser's `lr`.
        members: positions among the optimiser's parameters.
        parameters: the parameters there.
        state: their state, by name.
    """

    rate: Tensor
    members: list[int]
    parameters: list[Tensor]
    state: dict[str, list[Tensor]]


class Optimiser(ABC):
    """An optimiser over the trainable parameters of one model, whose steps work in place on tensors by name.

    Rates are in groups: the first is the config's, each further one a rate that a spec gives by `@lr`. They
    are one tensor `lr`, so that annealing compiles nothing anew. All state is on the parameters' device, and
    no step waits for it.

    Args:
        parameters: by state_dict key, in the model's order; frozen ones are left out.
        learning_rate: of all parameters without a rate of their own.
        learning_rates: rates by state_dict key; keys that are not optimised do not count.
        eps: keeps the step finite where gradients are small; optimisers differ in where it stands.

    Attributes:
        parameters: what it optimises, by state_dict key.

    Raises:
        ValueError: a parameter is there twice, and would be stepped twice; or there is none to train.
    """

    fresh: ClassVar[Mapping[str, float]]
    """State of a parameter's shape: its name, and what its entries start as."""

    counts: ClassVar[Sequence[str]] = ()
    """State of one number per parameter, zero at first: `[parameters]` float32."""

    def __init__(
        self,
        parameters: Mapping[str, nn.Parameter],
        *,
        learning_rate: float,
        learning_rates: Mapping[str, float] | None = None,
        eps: float,
    ) -> None:
        self.parameters = {key: p for key, p in parameters.items() if p.requires_grad}
        if len({id(p) for p in self.parameters.values()}) != len(self.parameters):
            raise ValueError("a parameter appears twice in one optimiser")
        if not self.parameters:
            raise ValueError("an optimiser needs a parameter that is not frozen")
        self.eps = eps
        own = {key: rate for key, rate in (learning_rates or {}).items() if key in self.parameters}
        # One that equals the config's is a group all the same: a state's shape hangs on the spec alone.
        self._base = (learning_rate, *dict.fromkeys(own.values()))
        self._group = {
            key: 1 + self._base[1:].index(own[key]) if key in own else 0 for key in self.parameters
        }
        self._learning_rate = learning_rate
        self._tensors = {
            f"{name}.{key}": torch.full_like(p, start, requires_grad=False)
            for name, start in self.fresh.items()
            for key, p in self.parameters.items()
        }
        device = next(iter(self.parameters.values())).device
        self._tensors |= {name: torch.zeros(len(self.parameters), device=device) for name in self.counts}
        self._tensors["lr"] = torch.tensor(self._base, dtype=torch.float32, device=device)
        self._rates = self._tensors["lr"].unbind()
        self._groups = [group for group in map(self._members, range(len(self._base))) if group.members]

    @property
    def learning_rate(self) -> float:
        """The current rate of the parameters without one of their own."""
        return self._learning_rate

    def anneal(self, factor: float) -> None:
        """Sets every group's rate to `factor` times the one it started from."""
        self._learning_rate = self._base[0] * factor
        for rate, base in zip(self._rates, self._base, strict=True):
            rate.fill_(base * factor)

    def tensors(self) -> dict[str, Tensor]:
        """The state as one flat mapping of the tensors themselves: `<state>.<key>`, and `lr`, `[groups]`."""
        return dict(self._tensors)

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Copies a saved state into the tensors that the drivers already hold.

        Raises:
            DiagnosticError: RLG608 where the keys or shapes are not those of this state.
        """
        own = self._tensors
        wrong = sorted(own.keys() ^ tensors.keys())
        wrong += [key for key in own if key in tensors and own[key].shape != tensors[key].shape]
        if wrong:
            raise DiagnosticError.of("RLG608", f"the optimiser's state does not fit this model: {wrong[0]}")
        with torch.no_grad():
            for key, tensor in own.items():
                tensor.copy_(tensors[key])
        self._learning_rate = float(tensors["lr"][0])

    def _members(self, number: int) -> Group:
        members = [place for place, key in enumerate(self.parameters) if self._group[key] == number]
        keys = list(self.parameters)
        state = {name: [self._tensors[f"{name}.{keys[i]}"] for i in members] for name in self.fresh}
        for name in self.counts:
            counts = self._tensors[name].unbind()
            state[name] = [counts[i] for i in members]
        return Group(self._rates[number], members, [self.parameters[keys[i]] for i in members], state)

    @abstractmethod
    def step(self, grads: Sequence[Tensor]) -> None:
        """One step by torch's fast kernels, in place and under `no_grad`; `grads` in the parameters' order.
        May write to `grads`.
        """

    @abstractmethod
    def step_in_graph(
        self,
        parameters: Mapping[str, Tensor],
        grads: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        apply: Tensor,
    ) -> None:
        """The same step as elementary operations, for a graph that is compiled as a whole.

        Args:
            parameters: what is stepped in place, by key.
            grads: by the same keys.
            tensors: this optimiser's `tensors()`, stepped in place.
            apply: scalar bool; where false, every tensor keeps its bits, whatever `grads` hold.
        """


def replace_(tensor: Tensor, value: Tensor, apply: Tensor) -> None:
    """`tensor <- value` where the scalar `apply` is true. A factor of 0 would let NaN through."""
    tensor.copy_(torch.where(apply, value, tensor))


def make_optimiser(
    kind: str,
    parameters: Mapping[str, nn.Parameter],
    *,
    learning_rate: float,
    learning_rates: Mapping[str, float] | None = None,
    eps: float = 1e-5,
) -> Optimiser:
    """The optimiser that a config names: `adam` or `rmsprop`; the rest as `Optimiser` has it."""
    from rl2graph.agents.adam import Adam
    from rl2graph.agents.rmsprop import RMSprop

    kinds: dict[str, type[Optimiser]] = {"adam": Adam, "rmsprop": RMSprop}
    return kinds[kind](parameters, learning_rate=learning_rate, learning_rates=learning_rates, eps=eps)
