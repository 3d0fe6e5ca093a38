"""The reference interpreter: what each op means, in the plainest torch there is. The oracle of every test.

It evaluates a graph node by node, as written, in the dtype of the weights (float64 in tests), and shares
nothing with the emitted code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from rl2graph.ir.graph import Graph, Node

Weights = Mapping[str, Tensor]
Semantics = Callable[[Node, tuple[Tensor, ...], Weights, int], Tensor]
"""Node, operand values, its weights by name, number of batch axes."""


def interpret(graph: Graph, inputs: Mapping[str, Any], state_dict: Weights) -> dict[str, Tensor]:
    """Values of the graph's outputs.

    Args:
        inputs: by name, each `[batch axes…, sample axes…]`, or a mapping of its parts.
        state_dict: weights by `<owner path>.<weight>`; floats are computed in their dtype.
    """
    dtype = next(iter(state_dict.values())).dtype if state_dict else torch.float64
    values: list[Tensor] = []
    batch_axes = 0
    for node in graph.nodes:
        if node.op == "input":
            value = _part(inputs, node)
            batch_axes = value.dim() - len(node.type.dims)
            values.append(value.to(dtype) if value.is_floating_point() else value)
            continue
        operands = tuple(values[operand] for operand in node.operands)
        values.append(
            SEMANTICS[node.op](node, operands, _weights(graph, node, state_dict, dtype), batch_axes)
        )
    return {output.name: values[output.node] for output in graph.outputs}


def _part(inputs: Mapping[str, Any], node: Node) -> Tensor:
    value = inputs[str(node.values["name"])]
    path = node.values["path"]
    assert isinstance(path, tuple)
    for part in path:
        value = value[part]
    return value  # type: ignore[no-any-return]


def _weights(graph: Graph, node: Node, state_dict: Weights, dtype: torch.dtype) -> dict[str, Tensor]:
    if node.owner is None:
        return {"dtype": torch.zeros((), dtype=dtype)}
    names = (weight.name for weight in graph.owner[node.owner].weights)
    return {name: state_dict[f"{node.owner}.{name}"] for name in names}


def _constant(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return torch.tensor(node.values["value"], dtype=weights["dtype"].dtype)


def _scale_image(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return operands[0].to(weights["dtype"].dtype) / 255.0


def _channels_first(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    (x,) = operands
    return x.permute(*range(batch), batch + 2, batch, batch + 1)


def _one_hot(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    places = torch.arange(_number(node, "n"))
    return (operands[0].unsqueeze(-1) - _number(node, "start") == places).to(weights["dtype"].dtype)


def _one_hots(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    counts = node.values["counts"]
    assert isinstance(counts, tuple)
    (indices,) = operands
    parts = [indices[..., i, None] == torch.arange(int(str(count))) for i, count in enumerate(counts)]
    return torch.cat(parts, dim=-1).to(weights["dtype"].dtype)


def _as_float(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return operands[0].to(weights["dtype"].dtype)


def _mse(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    rank = max(x.dim() for x in operands) - batch
    left, right = (
        x.reshape(*x.shape[:batch], *(1,) * (rank + batch - x.dim()), *x.shape[batch:]) for x in operands
    )
    difference = left - right
    squares = (difference * difference).reshape(*difference.shape[:batch], -1)
    return squares.sum(dim=-1) / squares.shape[-1]


def _dense(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    product = (operands[0].unsqueeze(-2) * weights["weight"]).sum(-1)
    return product + weights["bias"] if "bias" in weights else product


def _gaussian(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    mean = _dense(node, operands, weights, batch)
    return torch.cat([mean, weights["log_std"] + torch.zeros_like(mean)], dim=-1)


def _value(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return _dense(node, operands, weights, batch)[..., 0]


def _padded(x: Tensor, padding: int, fill: float) -> Tensor:
    *lead, height, width = x.shape
    result = torch.full((*lead, height + 2 * padding, width + 2 * padding), fill, dtype=x.dtype)
    result[..., padding : padding + height, padding : padding + width] = x
    return result


def _windows(node: Node, x: Tensor, fill: float) -> Tensor:
    """All windows: `[…, channels, out height, out width, kernel, kernel]`."""
    kernel, padding = int(_number(node, "kernel")), int(_number(node, "padding"))
    stride = kernel if node.values["stride"] is None else int(_number(node, "stride"))
    x = _padded(x, padding, fill)
    return x.unfold(-2, kernel, stride).unfold(-2, kernel, stride)


def _conv2d(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    windows = _windows(node, operands[0], 0.0).unsqueeze(batch)
    filters = weights["weight"].unsqueeze(-3).unsqueeze(-3)
    return (windows * filters).sum(dim=(-1, -2, -5)) + weights["bias"][:, None, None]


def _max_pool2d(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return _windows(node, operands[0], -math.inf).flatten(-2).max(dim=-1).values


def _flatten(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    (x,) = operands
    return x.reshape(*x.shape[:batch], -1)


def _concat(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    axis = int(_number(node, "axis"))
    return torch.cat(operands, dim=axis if axis < 0 else batch + axis)


def _stack(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    axis = int(_number(node, "axis"))
    return torch.cat(
        [x.unsqueeze(axis if axis < 0 else batch + axis) for x in operands],
        dim=axis if axis < 0 else batch + axis,
    )


def _detach(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
    return operands[0].detach()


def _elementwise(function: Callable[[Node, Tensor], Tensor]) -> Semantics:
    return lambda node, operands, weights, batch: function(node, operands[0])


def _binary(function: Callable[[Tensor, Tensor], Tensor]) -> Semantics:
    def semantics(node: Node, operands: tuple[Tensor, ...], weights: Weights, batch: int) -> Tensor:
        rank = len(node.type.dims)
        aligned = []
        for x in operands:
            own = x.dim() - batch
            missing = rank - own if x.dim() else 0
            aligned.append(x.reshape(*x.shape[:batch], *(1,) * missing, *x.shape[batch:]) if x.dim() else x)
        return function(*aligned)

    return semantics


def _number(node: Node, name: str) -> float:
    value = node.values[name]
    assert isinstance(value, int | float)
    return value


def _sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


SEMANTICS: dict[str, Semantics] = {
    "constant": _constant,
    "scale_image": _scale_image,
    "channels_first": _channels_first,
    "one_hot": _one_hot,
    "one_hots": _one_hots,
    "as_float": _as_float,
    "dense": _dense,
    "categorical": _dense,
    "deterministic": _dense,
    "qvalues": _dense,
    "gaussian": _gaussian,
    "value": _value,
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "flatten": _flatten,
    "concat": _concat,
    "stack": _stack,
    "detach": _detach,
    "mse": _mse,
    "add": _binary(lambda x, y: x + y),
    "sub": _binary(lambda x, y: x - y),
    "mul": _binary(lambda x, y: x * y),
    "div": _binary(lambda x, y: x / y),
    "neg": _elementwise(lambda node, x: -x),
    "relu": _elementwise(lambda node, x: torch.where(x > 0, x, torch.zeros_like(x))),
    "tanh": _elementwise(lambda node, x: 2 * _sigmoid(2 * x) - 1),
    "sigmoid": _elementwise(lambda node, x: _sigmoid(x)),
    "silu": _elementwise(lambda node, x: x * _sigmoid(x)),
    "gelu": _elementwise(lambda node, x: x * (1 + torch.erf(x / math.sqrt(2))) / 2),
    "softplus": _elementwise(lambda node, x: torch.logaddexp(x, torch.zeros_like(x))),
    "elu": _elementwise(
        lambda node, x: torch.where(x > 0, x, _number(node, "alpha") * torch.expm1(x.clamp(max=0)))
    ),
    "leaky_relu": _elementwise(lambda node, x: torch.where(x > 0, x, _number(node, "slope") * x)),
}
"""What each op computes; `input` is what the caller gives, `unresolved` and `joint` cannot run."""
