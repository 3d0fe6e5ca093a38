"""RMSprop as asynchronous actor-critics use it (Mnih et al. 2016, arXiv:1602.01783, section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from rl2graph.agents.optimiser import Optimiser, replace_

DECAY = 0.99


class RMSprop(Optimiser):
    """RMSprop without momentum, equation S2 of the paper, with a decay of 0.99.

    g <- a g + (1 - a) d^2
    p <- p - lr d / sqrt(g + eps)

    `eps` is inside the root, and g starts at one, as in TensorFlow's, with which the published results were
    had: first steps are small. `torch.optim.RMSprop` adds eps to the root and starts at zero.

    State: `square_avg` (g).
    """

    fresh: ClassVar = {"square_avg": 1.0}

    def step(self, grads: Sequence[Tensor]) -> None:
        for rate, members, parameters, state in self._groups:
            square_avg = state["square_avg"]
            own = [grads[i] for i in members]
            torch._foreach_mul_(square_avg, DECAY)
            torch._foreach_addcmul_(square_avg, own, own, 1.0 - DECAY)
            root = torch._foreach_add(square_avg, self.eps)
            torch._foreach_sqrt_(root)
            torch._foreach_div_(own, root)
            torch._foreach_mul_(own, rate)
            torch._foreach_sub_(parameters, own)

    def step_in_graph(
        self,
        parameters: Mapping[str, Tensor],
        grads: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        apply: Tensor,
    ) -> None:
        rates = tensors["lr"]
        for key, grad in grads.items():
            g = tensors[f"square_avg.{key}"]
            new_g = DECAY * g + (1.0 - DECAY) * grad * grad
            change = rates[self._group[key]] * grad / (new_g + self.eps).sqrt()
            replace_(parameters[key], parameters[key] - change, apply)
            replace_(g, new_g, apply)
