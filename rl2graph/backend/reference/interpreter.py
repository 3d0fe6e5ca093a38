"""The reference interpreter: what each op means, in the plainest torch there is. The oracle of every test.

It evaluates a graph node by node, as written, in the dtype of the weights (float64 in tests), and shares
nothing with the emitted code. A sequence is its steps, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation
from rl2graph.backend.reference.semantics import SEMANTICS
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.slots import is_recurrent, moves_statistics, noise_of, noise_schema, state_schema

Tensors = Mapping[str, Tensor]


def interpret(
    graph: Graph,
    inputs: Mapping[str, Any],
    state_dict: Tensors,
    *,
    state: Tensors | None = None,
    resets: Tensor | None = None,
    noise: Tensors | None = None,
) -> dict[str, Any]:
    """Values of the graph's outputs; with them `state` and `statistics`, where the graph has any.

    Args:
        inputs: by name, each `[batch axes…, sample axes…]`, or a mapping of its parts. A recurrent graph
            takes two batch axes for a sequence, time first.
        state_dict: weights by `<owner path>.<weight>`; floats are computed in their dtype.
        state: of a recurrent graph before the first step, `[batch…, …]`; zeros where left out.
        resets: where the state is set to zero before the step, of the batch's shape.
        noise: by name; the deterministic form of each random op where left out.
    """
    dtype = next(iter(state_dict.values())).dtype if state_dict else torch.float64
    batch = _batch(graph, inputs)
    if not is_recurrent(graph):
        return _step(graph, inputs, state_dict, dtype, batch, {}, noise)
    if state is None:
        zeros = {name: part.shape for name, part in state_schema(graph).items()}
        state = {name: torch.zeros(*batch[-1:], *shape, dtype=dtype) for name, shape in zeros.items()}
    if len(batch) < 2:
        return _step(graph, inputs, state_dict, dtype, batch, _zeroed(state, resets), noise)
    shared = {name for name, part in noise_schema(graph).items() if part.shared}
    steps = []
    for t in range(batch[0]):
        here = {name: x if name in shared else x[t] for name, x in (noise or {}).items()} or None
        before = _zeroed(state, None if resets is None else resets[t])
        steps.append(_step(graph, _at(inputs, t), state_dict, dtype, batch[1:], before, here))
        state = steps[-1]["state"]
    names = (output.name for output in graph.outputs)
    return {name: torch.stack([step[name] for step in steps]) for name in names} | {"state": state}


def _step(
    graph: Graph,
    inputs: Mapping[str, Any],
    state_dict: Tensors,
    dtype: torch.dtype,
    batch: torch.Size,
    state: Tensors,
    noise: Tensors | None,
) -> dict[str, Any]:
    values: list[Tensor] = []
    after: dict[str, Tensor] = {}
    weights = dict(state_dict)
    statistics: dict[str, Tensor] = {}
    for node in graph.nodes:
        if node.op == "input":
            value = _part(inputs, node)
            values.append(value.to(dtype) if value.is_floating_point() else value)
            continue
        evaluation = Evaluation(
            node,
            tuple(values[operand] for operand in node.operands),
            _below(weights, node.owner),
            batch,
            dtype,
            _below(state, node.slot),
            _below(noise, node.slot) if noise and noise_of(graph, node) else None,
            moves_statistics(node),
        )
        values.append(SEMANTICS[node.op](evaluation))
        if evaluation.advance:
            moved = {f"{node.owner}.{name}": value for name, value in evaluation.after.items()}
            weights |= moved
            statistics |= moved
        else:
            after |= {f"{node.slot}.{name}": value for name, value in evaluation.after.items()}
    result: dict[str, Any] = {output.name: values[output.node] for output in graph.outputs}
    if after:
        result["state"] = after
    if statistics:
        result["statistics"] = statistics
    return result


def _batch(graph: Graph, inputs: Mapping[str, Any]) -> torch.Size:
    for node in graph.nodes:
        if node.op == "input":
            shape = _part(inputs, node).shape
            return shape[: len(shape) - len(node.type.dims)]
    return torch.Size()


def _part(inputs: Mapping[str, Any], node: Node) -> Tensor:
    value = inputs[str(node.values["name"])]
    path = node.values["path"]
    assert isinstance(path, tuple)
    for part in path:
        value = value[part]
    return value  # type: ignore[no-any-return]


def _at(value: Any, t: int) -> Any:
    return {name: _at(part, t) for name, part in value.items()} if isinstance(value, Mapping) else value[t]


def _zeroed(state: Tensors, resets: Tensor | None) -> Tensors:
    if resets is None:
        return state
    return {
        name: torch.where(resets.reshape(*resets.shape, *(1,) * (x.dim() - resets.dim())), 0.0, x)
        for name, x in state.items()
    }


def _below(tensors: Tensors | None, path: str | None) -> dict[str, Tensor]:
    """The tensors directly at a path, by their own names."""
    if path is None or tensors is None:
        return {}
    return {
        key.removeprefix(f"{path}."): value
        for key, value in tensors.items()
        if key.rpartition(".")[0] == path
    }
