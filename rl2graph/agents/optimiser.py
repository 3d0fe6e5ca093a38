"""Adam's state as plain tensors, shared by both update drivers and written to checkpoints as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rl2graph.diagnostics import DiagnosticError


@dataclass(frozen=True)
class AdamState:
    """The state of Adam (Kingma & Ba 2015, arXiv:1412.6980) for the parameters of one optimiser.

    Attributes:
        parameters: what it optimises, by state_dict key, in the model's order.
        exp_avg: first moments, by the same keys.
        exp_avg_sq: second moments.
        step: `[number of parameters]` float32; torch's fused Adam counts per parameter, and all counts agree.
        lr: scalar float32, a tensor so that annealing it compiles nothing anew.
        betas: decay of the moments.
        eps: added to the root of the second moment.
    """

    parameters: dict[str, nn.Parameter]
    exp_avg: dict[str, Tensor]
    exp_avg_sq: dict[str, Tensor]
    step: Tensor
    lr: Tensor
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-5

    @classmethod
    def fresh(cls, parameters: Mapping[str, nn.Parameter], *, lr: float, eps: float = 1e-5) -> AdamState:
        """Zero moments for `parameters`.

        Raises:
            ValueError: a parameter is there twice, and would be stepped twice.
        """
        if len({id(parameter) for parameter in parameters.values()}) != len(parameters):
            raise ValueError("a parameter appears twice in one optimiser")
        return cls(
            parameters=dict(parameters),
            exp_avg={key: torch.zeros_like(p, requires_grad=False) for key, p in parameters.items()},
            exp_avg_sq={key: torch.zeros_like(p, requires_grad=False) for key, p in parameters.items()},
            step=torch.zeros(len(parameters), dtype=torch.float32),
            lr=torch.tensor(lr, dtype=torch.float32),
            eps=eps,
        )

    def tensors(self) -> dict[str, Tensor]:
        """The state as one flat mapping: `exp_avg.<key>`, `exp_avg_sq.<key>`, `step`, `lr`."""
        flat = {f"exp_avg.{key}": tensor for key, tensor in self.exp_avg.items()}
        flat |= {f"exp_avg_sq.{key}": tensor for key, tensor in self.exp_avg_sq.items()}
        return flat | {"step": self.step, "lr": self.lr}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Copies a saved state into the tensors that the drivers already hold.

        Raises:
            DiagnosticError: RLG608 where the keys or shapes are not those of this state.
        """
        own = self.tensors()
        wrong = sorted(own.keys() ^ tensors.keys())
        wrong += [key for key in own if key in tensors and own[key].shape != tensors[key].shape]
        if wrong:
            raise DiagnosticError.of("RLG608", f"the optimiser's state does not fit this model: {wrong[0]}")
        for key, tensor in own.items():
            tensor.copy_(tensors[key])
