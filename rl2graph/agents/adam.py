"""Adam (Kingma & Ba 2015, arXiv:1412.6980)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch.optim.adam import adam as fused_adam

from rl2graph.agents.optimiser import Optimiser, replace_

BETA1, BETA2 = 0.9, 0.999


class Adam(Optimiser):
    """Adam, with torch's placing of `eps`: algorithm 1 of the paper, with decays of 0.9 and 0.999.

    m <- b1 m + (1 - b1) g,    v <- b2 v + (1 - b2) g^2
    p <- p - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)

    State: `exp_avg` (m) and `exp_avg_sq` (v), zeros at first, and `step` (t), float32 `[parameters]`, for
    torch's fused kernel counts per parameter; all counts agree.
    """

    fresh: ClassVar = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
    counts: ClassVar = ("step",)

    def step(self, grads: Sequence[Tensor]) -> None:
        """One step by torch's fused kernel: its functional form, without the bookkeeping of
        `torch.optim.Adam.step`, which costs more than the kernel on networks of this size.
        """
        for rate, members, parameters, state in self._groups:
            fused_adam(
                parameters,
                [grads[i] for i in members],
                state["exp_avg"],
                state["exp_avg_sq"],
                [],
                state["step"],
                fused=True,
                amsgrad=False,
                beta1=BETA1,
                beta2=BETA2,
                lr=rate,
                weight_decay=0.0,
                eps=self.eps,
                maximize=False,
            )

    def step_in_graph(
        self,
        parameters: Mapping[str, Tensor],
        grads: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        apply: Tensor,
    ) -> None:
        rates = tensors["lr"]
        steps = tensors["step"] + 1.0
        count = steps[0]
        # 1 - b^t = -expm1(t log b): of the difference float32 leaves five digits at the first steps.
        step_sizes = rates / -torch.expm1(count * math.log(BETA1))
        root = (-torch.expm1(count * math.log(BETA2))).sqrt()
        for key, grad in grads.items():
            m, v = tensors[f"exp_avg.{key}"], tensors[f"exp_avg_sq.{key}"]
            new_m = torch.lerp(m, grad, 1.0 - BETA1)
            new_v = BETA2 * v + (1.0 - BETA2) * grad * grad
            change = step_sizes[self._group[key]] * new_m / (new_v.sqrt() / root + self.eps)
            replace_(parameters[key], parameters[key] - change, apply)
            replace_(m, new_m, apply)
            replace_(v, new_v, apply)
        replace_(tensors["step"], steps, apply)
