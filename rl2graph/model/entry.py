"""Entry points: functions over a model's weights, each a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from rl2graph.ir.graph import Graph
from rl2graph.ir.op import Noise, State
from rl2graph.ir.slots import noise_schema, state_schema
from rl2graph.model.noise import draw_noise


class Entry(nn.Module):
    """A function from inputs to named outputs over the weights of a model.

    `forward` is emitted code. The state_dict keys are the model's; gradients flow to the model's own
    Parameters. Works in eager autograd, under `torch.func`, in a compiled update and in export; recurrent
    layers over a sequence in eager mode alone, for they look at where the resets are.

    A recurrent entry takes `state` and `resets`, and gives the next state under the key `state`: one step
    over `[B, …]`, or a sequence over `[T, B, …]`. A random one takes `noise`, and is deterministic without
    it. One that moves statistics gives them under the key `statistics`, for `CompiledModel.commit`. Nothing
    is changed in place.

    Weights of the version `target` are `model.target_weights`, below an attribute `target` of the entry.

    Attributes:
        graph: what `forward` computes.
        state_schema: the state's tensors by name, with their per-sample shapes; empty where there is none.
        noise_schema: the noise's tensors by name.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.state_schema: Mapping[str, State] = state_schema(graph)
        self.noise_schema: Mapping[str, Noise] = noise_schema(graph)
        self._origin: tuple[Any, ...] = ()
        self._trained: tuple[str, ...] = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs that it reads."""
        return self.graph.inputs

    def initial_state(self, *batch: int) -> dict[str, Tensor]:
        """The state before an episode's first step: zeros `[batch…, …]`."""
        like = self._like()
        return {
            name: like.new_zeros((*batch, *part.shape))  # type: ignore[arg-type]
            for name, part in self.state_schema.items()
        }

    def trained_parameters(self) -> list[nn.Parameter]:
        """The Parameters that gradients are taken for, which an optimiser of this entry's loss is for: those
        of the owners that were named by `train`, of all where none were.
        """
        return [self.get_parameter(name) for name in self._trained if self.get_parameter(name).requires_grad]

    def extra_repr(self) -> str:
        """What it takes and gives, as its code says."""
        return " ".join((type(self).__doc__ or "").split())

    def _like(self) -> Tensor:
        """A tensor of the dtype and on the device of the weights."""
        return next(
            filter(Tensor.is_floating_point, chain(self.parameters(), self.buffers())), torch.empty(())
        )

    def draw_noise(self, batch: Sequence[int], *, seed: int, counter: int) -> dict[str, Tensor]:
        """Noise for one evaluation over a batch of that shape, from streams keyed by seed, call site and
        `counter`, such as the number of the update: `[*batch, …]`, or without the batch where it is shared.
        """
        like = self._like()
        return draw_noise(
            self.noise_schema, batch, seed=seed, counter=counter, dtype=like.dtype, device=like.device
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Emitted classes exist in one process alone: what travels is the model, and what was asked of it.

        A deep copy is likewise an entry of a copy of the model.
        """
        from rl2graph.model.pickling import entry_of

        return entry_of, self._origin
