"""The reference interpreter: what each op means, in the plainest torch there is. The oracle of every test.

It evaluates a graph node by node, as written, in the dtype of the weights (float64 in tests), and shares
nothing with the emitted code. A recurrent op over a sequence is its steps, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation
from rl2graph.backend.reference.semantics import SEMANTICS
from rl2graph.ir.graph import ONLINE, Graph, Node
from rl2graph.ir.slots import moves_statistics, noise_of, state_schema

Tensors = Mapping[str, Tensor]


def interpret(
    graph: Graph,
    inputs: Mapping[str, Any],
    state_dict: Tensors,
    *,
    state: Tensors | None = None,
    resets: Tensor | None = None,
    noise: Tensors | None = None,
    target: Tensors | None = None,
) -> dict[str, Any]:
    """Values of the graph's outputs; with them `state` and `statistics`, where the graph has any.

    Args:
        inputs: by name, each `[batch axes…, sample axes…]`, or a mapping of its parts. A recurrent graph
            takes two batch axes for a sequence, time first.
        state_dict: weights by `<owner path>.<weight>`; floats are computed in their dtype.
        state: of a recurrent graph before the first step, `[batch…, …]`; zeros where left out.
        resets: where the state is set to zero before the step, of the batch's shape.
        noise: by name; the deterministic form of each random op where left out.
        target: the weights of the version `target`, as `state_dict`.
    """
    dtype = next(iter(state_dict.values())).dtype if state_dict else torch.float64
    batch = _batch(graph, inputs)
    if state is None:
        state = _zeros(graph, batch[-1:], dtype)
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
            _below(weights if node.version == ONLINE else target, node.owner),
            batch,
            dtype,
            _below(state, node.slot),
            _below(noise, node.slot) if noise and noise_of(graph, node) else None,
            moves_statistics(node),
        )
        values.append(_sequence(evaluation, resets) if evaluation.state else SEMANTICS[node.op](evaluation))
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


def _zeros(graph: Graph, batch: torch.Size, dtype: torch.dtype) -> Tensors:
    shapes = {name: part.shape for name, part in state_schema(graph).items()}
    return {name: torch.zeros(*batch, *shape, dtype=dtype) for name, shape in shapes.items()}


def _sequence(e: Evaluation, resets: Tensor | None) -> Tensor:
    """The values of a recurrent op, step after step; `e.after` gets the state after the last."""
    semantics = SEMANTICS[e.node.op]
    if len(e.batch) < 2:
        e.state = _zeroed(e.state, resets)
        return semantics(e)
    steps = []
    for t in range(e.batch[0]):
        before = _zeroed(e.after or e.state, None if resets is None else resets[t])
        operands = tuple(x[t] for x in e.operands)
        step = replace(e, operands=operands, batch=e.batch[1:], state=before, after={})
        steps.append(semantics(step))
        e.after = step.after
    return torch.stack(steps)


def _batch(graph: Graph, inputs: Mapping[str, Any]) -> torch.Size:
    for node in graph.nodes:
        if node.op == "input":
            shape = _part(inputs, node).shape
            return shape[: len(shape) - len(node.type.dims)]
    return torch.Size()


def _part(inputs: Mapping[str, Any], node: Node) -> Tensor:
    value = inputs[node.input_name]
    for part in node.input_path:
        value = value[part]
    return value  # type: ignore[no-any-return]


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
