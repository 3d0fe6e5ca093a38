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
    _refuse_what_would_be_lost(model)
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
    owned = {owner.path.split(".")[0] for owner in model.graph.owners}
    state = {
        "added": [
            {name: value for name, value in table.items() if name not in owned}
            for table in (model._parameters, model._buffers, model._modules)
        ],
        "weights": {name: tensor.detach() for name, tensor in model.state_dict().items()},
        "frozen": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "target": dict(model.target_weights.named_buffers()),
        "training": model.training,
        "calls": model._calls,
    }
    return rebuild, arguments, state


def _refuse_what_would_be_lost(model: CompiledModel) -> None:
    """Raises TypeError where owners hold what the spec does not give them, such as parametrisations."""
    owned = {owner.path.split(".")[0] for owner in model.graph.owners}
    known = {f"{owner.path}.{weight.name}" for owner in model.graph.owners for weight in owner.weights}
    more = [key for key in model.state_dict() if key.split(".")[0] in owned and key not in known]
    if more:
        raise TypeError(
            f"a copy is made anew from the spec, and would lose what was put into it: {', '.join(more)}"
        )


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
    tables: tuple[dict[str, Any], ...] = (model._parameters, model._buffers, model._modules)
    for table, added in zip(tables, state["added"], strict=True):
        table.update(added)
    model.train(state["training"])
    model._calls = state["calls"]


def entry_of(model: CompiledModel, request: Request) -> Entry:
    """The entry that a pickle or a deep copy of one stands for."""
    return model._entry(request)
