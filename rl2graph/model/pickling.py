"""Models and entries in other processes: what travels is the spec's text, and the weights.

Emitted classes exist in one process alone, so they are made anew from the text where a pickle is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rl2graph.model.programs import Request

if TYPE_CHECKING:
    from rl2graph.model.compiled import CompiledModel
    from rl2graph.model.entry import Entry


def reduce_model(model: CompiledModel) -> tuple[Any, ...]:
    """What `CompiledModel.__reduce__` gives."""
    from rl2graph.model.compile import rebuild

    analysis = model._analysis
    arguments = (
        model.spec_text,
        analysis.spec.source.name,
        dict(model.imported_files),
        analysis.interface,
        dict(analysis.parameters),
        model._level,
        model._seed,
        model._algorithm,
    )
    state = {
        "weights": {name: tensor.detach() for name, tensor in model.state_dict().items()},
        "frozen": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "target": dict(model.target_weights.named_buffers()),
        "training": model.training,
        "calls": model._calls,
    }
    return rebuild, arguments, state


def restore_model(model: CompiledModel, state: dict[str, Any]) -> None:
    """What `CompiledModel.__setstate__` does."""
    for name, parameter in model.named_parameters():
        parameter.data = state["weights"][name].clone()
        parameter.requires_grad_(name not in state["frozen"])
    for name, buffer in model.named_buffers():
        buffer.data = state["weights"][name].clone()
    cloned = {name.rpartition(".")[0] for name in state["target"]}
    model.target_weights.add(owner for owner in model.graph.owners if owner.path in cloned)
    for name, buffer in model.target_weights.named_buffers():
        buffer.data = state["target"][name].clone()
    model.train(state["training"])
    model._calls = state["calls"]


def entry_of(model: CompiledModel, request: Request) -> Entry:
    """The entry that a pickle or a deep copy of one stands for."""
    return model._entry(request)
