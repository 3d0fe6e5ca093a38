"""Entry points: functions over a model's weights, each a module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from rl2graph.ir.graph import Graph, Owner
from rl2graph.ir.op import Noise, State
from rl2graph.ir.slots import noise_schema, state_schema
from rl2graph.model.noise import draw_noise


def holder(root: nn.Module, owner_path: str) -> nn.Module:
    """The module at `owner_path` below `root`, made where it is missing."""
    module = root
    for part in owner_path.split("."):
        child = module._modules.get(part)
        if child is None:
            child = nn.Module()
            module.add_module(part, child)
        module = child
    return module


def share(entry: nn.Module, owners: Iterable[Owner], model: nn.Module) -> None:
    """Give `entry` the model's weights, under the same keys.

    The very module that holds an owner's tensors is shared, so that a Parameter replaced in the model is
    replaced in the entry; only where other owners live below it are the Parameters shared alone.
    """
    for owner in owners:
        source = model.get_submodule(owner.path)
        if source._modules:
            target = holder(entry, owner.path)
            for weight in owner.weights:
                if weight.buffer:
                    target.register_buffer(weight.name, source._buffers[weight.name])
                else:
                    target.register_parameter(weight.name, source._parameters[weight.name])
        else:
            parent, _, name = owner.path.rpartition(".")
            (holder(entry, parent) if parent else entry)._modules[name] = source


def attach(root: nn.Module, owners: Iterable[Owner], weights: Mapping[str, Tensor]) -> None:
    """Register the owners' weights, given by key, below `root`: Parameters, and buffers for statistics."""
    for owner in owners:
        module = holder(root, owner.path)
        for weight in owner.weights:
            value = weights[f"{owner.path}.{weight.name}"]
            if weight.buffer:
                module.register_buffer(weight.name, value)
            else:
                trained = nn.Parameter(value, requires_grad=not owner.frozen)
                module.register_parameter(weight.name, trained)


class Entry(nn.Module):
    """A function from inputs to named outputs over the weights of a model.

    `forward` is emitted code. The state_dict keys are the model's; gradients flow to the model's own
    Parameters. Works in eager autograd, under `torch.func`, in a compiled update and in export; recurrent
    layers over a sequence in eager mode alone, for they look at where the resets are.

    A recurrent entry takes `state` and `resets`, and gives the next state under the key `state`: one step
    over `[B, …]`, or a sequence over `[T, B, …]`. A random one takes `noise`, and is deterministic without
    it. One that moves statistics gives them under the key `statistics`, for `CompiledModel.commit`. Nothing
    is changed in place.

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

    def initial_state(self, *batch: int) -> dict[str, Tensor]:
        """The state before an episode's first step: zeros `[batch…, …]`."""
        like = self._like()
        return {
            name: like.new_zeros((*batch, *part.shape))  # type: ignore[arg-type]
            for name, part in self.state_schema.items()
        }

    def _like(self) -> Tensor:
        """A tensor of the dtype and on the device of the weights."""
        return next(self.parameters(), torch.empty(()))

    def draw_noise(self, batch: Sequence[int], *, seed: int, counter: int) -> dict[str, Tensor]:
        """Noise for one evaluation over a batch of that shape, from streams keyed by seed, call site and
        `counter`, such as the number of the update: `[*batch, …]`, or without the batch where it is shared.
        """
        like = self._like()
        return draw_noise(
            self.noise_schema, batch, seed=seed, counter=counter, dtype=like.dtype, device=like.device
        )
