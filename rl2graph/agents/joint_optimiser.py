"""Several optimisers as one: each steps its own parameters, on the gradients of one loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from rl2graph.agents.optimiser import Optimiser


class JointOptimiser:
    """What a driver asks of an optimiser, over the parameters of several; state and rates stay theirs."""

    def __init__(self, optimisers: Sequence[Optimiser]) -> None:
        self._optimisers = tuple(optimisers)
        self.parameters: dict[str, nn.Parameter] = {
            key: parameter for each in self._optimisers for key, parameter in each.parameters.items()
        }

    def tensors(self) -> dict[str, Tensor]:
        """The state of all, `<place>.<name>`."""
        return {
            f"{place}.{name}": tensor
            for place, each in enumerate(self._optimisers)
            for name, tensor in each.tensors().items()
        }

    def step(self, grads: Sequence[Tensor]) -> None:
        """One step of each; `grads` in the parameters' order."""
        taken = 0
        for each in self._optimisers:
            each.step(grads[taken : taken + len(each.parameters)])
            taken += len(each.parameters)

    def step_in_graph(
        self,
        parameters: Mapping[str, Tensor],
        grads: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        apply: Tensor,
    ) -> None:
        """One step of each, as `Optimiser.step_in_graph`."""
        for place, each in enumerate(self._optimisers):
            prefix = f"{place}."
            own = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
            each.step_in_graph(parameters, {key: grads[key] for key in each.parameters}, own, apply)
