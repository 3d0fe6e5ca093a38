"""Entry points: functions over a model's weights, each a module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import nn

from rl2graph.ir.graph import Graph, Owner


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
                target.register_parameter(weight.name, source._parameters[weight.name])
        else:
            parent, _, name = owner.path.rpartition(".")
            (holder(entry, parent) if parent else entry)._modules[name] = source


def attach(root: nn.Module, owners: Iterable[Owner], parameters: Mapping[str, nn.Parameter]) -> None:
    """Register the owners' Parameters, given by key, below `root`."""
    for owner in owners:
        module = holder(root, owner.path)
        for weight in owner.weights:
            module.register_parameter(weight.name, parameters[f"{owner.path}.{weight.name}"])


class Entry(nn.Module):
    """A function from inputs to named outputs over the Parameters of a model.

    `forward` is emitted code. The state_dict keys are the model's; gradients flow to the model's own
    Parameters. Works in eager autograd, under `torch.func`, in a compiled update and in export.

    Attributes:
        graph: what `forward` computes.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
