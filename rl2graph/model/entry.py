"""Entry points: functions over a model's weights, each a module of its own."""

from __future__ import annotations

from collections.abc import Iterable

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


def attach(root: nn.Module, owners: Iterable[Owner], source: nn.Module | dict[str, nn.Parameter]) -> None:
    """Give `root` the owners' Parameters, the very ones that `source` holds, under the same keys."""
    parameters = source if isinstance(source, dict) else dict(source.named_parameters(remove_duplicate=False))
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
