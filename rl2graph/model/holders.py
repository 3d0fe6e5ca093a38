"""Modules that hold weights at owner paths, and sharing them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from torch import Tensor, nn

from rl2graph.ir.graph import Owner


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


def share(entry: nn.Module, owners: Sequence[Owner], model: nn.Module) -> None:
    """Give `entry` the model's weights, under the same keys.

    The very module that holds an owner's tensors is shared, so that what is replaced in the model, or
    parametrised, is so in the entry; only where it holds more than the entry reads are tensors shared alone.
    """
    read = {f"{owner.path}.{weight.name}" for owner in owners for weight in owner.weights}
    for owner in owners:
        source = model.get_submodule(owner.path)
        if _is_more(source, owner.path, read):
            target = holder(entry, owner.path)
            for weight in owner.weights:
                if weight.name in source._buffers:
                    target.register_buffer(weight.name, source._buffers[weight.name])
                elif weight.name in source._parameters:
                    target.register_parameter(weight.name, source._parameters[weight.name])
                else:
                    key = f"{owner.path}.{weight.name}"
                    raise ValueError(f"{key} is parametrised, and this entry reads a part of {owner.path}")
        else:
            parent, _, name = owner.path.rpartition(".")
            (holder(entry, parent) if parent else entry)._modules[name] = source


def _is_more(module: nn.Module, path: str, read: Collection[str]) -> bool:
    """Whether owners live below a module that are not read."""
    return any(
        f"{path}.{name}" not in read
        for name, child in module.named_modules()
        if name and "parametrizations" not in name.split(".")
        for name in (f"{name}.{tensor}" for tensor in (*child._parameters, *child._buffers))
    )


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
