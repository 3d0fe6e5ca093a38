"""Graphs of one op, with random operands, weights, state and noise that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from random import Random

import torch
from torch import Tensor

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import Graph, Node, Output, Owner
from rl2graph.ir.op import (
    Attribute,
    Attributes,
    Effect,
    Noise,
    Op,
    Required,
    TypeProblem,
    Types,
    Value,
    no_attributes,
)
from rl2graph.ir.slots import noise_schema, state_schema
from rl2graph.ir.types import TensorType, f32

SHAPES = (f32(), f32(1), f32(5), f32(2, 3), f32(2, 6, 5))
"""What operands are drawn from where an op does not say."""

MAX_TRIES = 400
MAX_VARIADIC = 3


class NoApplication(Exception):
    """An op whose generators give nothing that its shape rule takes; the text is the last refusal."""


def applications(op: Op, count: int, seed: int = 0) -> Iterator[Graph]:
    """Up to `count` graphs of one application of `op`, to inputs `x0`, `x1`, …, with the output `y`.

    Raises:
        NoApplication: there is none.
    """
    random = Random(f"{op.name} {seed}")
    found, refusal = 0, "`sample` gives no attributes for any of them"
    for _ in range(MAX_TRIES):
        types = draw_types(op, random)
        attributes = _sampled(op, random, types)
        if attributes is None:
            continue
        try:
            graph = application(op, types, attributes)
        except TypeProblem as problem:
            refusal = problem.message
            continue
        yield graph
        found += 1
        if found == count:
            return
    if not found:
        raise NoApplication(refusal)


def _sampled(op: Op, random: Random, types: Types) -> Attributes | None:
    """Attributes to try `op` with: what it gives, or any where it does not say."""
    if op.sample is not no_attributes:
        return op.sample(random, types)
    drawn: dict[str, Value] = {}
    for attribute in op.attributes:
        needed = isinstance(attribute.default, Required)
        if needed or (attribute.default is not None and random.random() < 0.5):
            drawn[attribute.name] = _any_value(attribute, random)
    return drawn


def _any_value(attribute: Attribute, random: Random) -> Value:
    if attribute.choices:
        return random.choice(attribute.choices)
    low = 0 if attribute.minimum is None else attribute.minimum
    high = low + 3 if attribute.maximum is None else min(low + 3, attribute.maximum)
    if attribute.kind is bool:
        return random.random() < 0.5
    if attribute.kind is float:
        return random.uniform(low, high)
    if attribute.kind is int:
        return random.randint(ceil(low), max(ceil(low), floor(high)))
    if attribute.kind is str:
        return "" if isinstance(attribute.default, Required) else attribute.default
    most = max(ceil(low), floor(high))
    return tuple(random.randint(ceil(low), most) for _ in range(random.randint(1, 3)))


def draw_types(op: Op, random: Random) -> Types:
    """Operand types to try `op` with; it may refuse them."""
    if op.draw is not None:
        return tuple(op.draw(random))
    number = random.randint(1, MAX_VARIADIC) if op.variadic else random.choice(op.arities)
    same = random.random() < 0.5  # ops of two operands rarely take two random shapes
    first = random.choice(SHAPES)
    return tuple(first if same or i == 0 else random.choice(SHAPES) for i in range(number))


def application(op: Op, types: Types, attributes: Attributes) -> Graph:
    """The graph of one application.

    Raises:
        TypeProblem: operands or attributes that the op does not take.
    """
    items = coerce_attributes(op, attributes)
    result = op.infer(types, dict(items))
    weights = op.weights(types, dict(items))
    # An op without operands is still evaluated for a batch, which some input must show.
    inputs = [_input(f"x{i}", type_) for i, type_ in enumerate(types or (f32(),))]
    node = Node(
        op.name,
        tuple(range(len(types))),
        items,
        result,
        "w" if weights else None,
        evaluation=None if op.effect is Effect.PURE else 0,
        slot="s" if op.slotted else None,
    )
    owners = (Owner("w", op.name, weights),) if weights else ()
    return Graph((*inputs, node), (Output("y", None, len(inputs)),), owners)


def _input(name: str, type_: TensorType) -> Node:
    attributes = (("name", name), ("dtype", type_.dtype), ("shape", type_.shape), ("path", ()))
    return Node("input", (), attributes, type_)


@dataclass(slots=True)
class Trial:
    """What to run one application on, in float64: inputs, weights, and state, resets and noise where it has
    any.
    """

    inputs: dict[str, Tensor]
    weights: dict[str, Tensor]
    state: dict[str, Tensor] | None
    resets: Tensor | None
    noise: dict[str, Tensor] | None


def trial(graph: Graph, batch: tuple[int, ...], seed: int, *, noisy: bool = True) -> Trial:
    """A random trial with that batch shape; a state and resets, too, for a recurrent op."""
    generator = torch.Generator().manual_seed(seed)
    node = graph.nodes[-1]
    inputs = {
        f"x{i}": _value(operand.type, node, batch, generator, near=bool(seed % 2))
        for i, operand in enumerate(graph.nodes[:-1])
    }
    weights = {
        f"{owner.path}.{weight.name}": _weight(weight.dims, weight.buffer, generator)
        for owner in graph.owners
        for weight in owner.weights
    }
    states = {
        name: _normal((*batch[-1:], *part.shape), generator)  # type: ignore[arg-type]
        for name, part in state_schema(graph).items()
    }
    resets = torch.rand(batch, generator=generator) < 0.3 if states else None
    noise = {name: draw(part, batch, generator) for name, part in noise_schema(graph).items()}
    return Trial(inputs, weights, states or None, resets, noise if noise and noisy else None)


def draw(noise: Noise, batch: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Random numbers for an evaluation over a batch of that shape, float64."""
    shape = (*(() if noise.shared else batch), *noise.shape)
    make = torch.randn if noise.distribution == "normal" else torch.rand
    return make(shape, generator=generator, dtype=torch.float64)  # type: ignore[arg-type]


def _value(
    type_: TensorType, node: Node, batch: tuple[int, ...], generator: torch.Generator, near: bool
) -> Tensor:
    """A random operand; `near` zero, or away from it."""
    shape = (*batch, *type_.dims)
    if type_.dtype == "u8":
        return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    if type_.dtype == "i64":
        start, count = node.values.get("start", 0), node.values.get("n") or 4
        assert isinstance(start, int)
        assert isinstance(count, int)
        return torch.randint(start, start + count, shape, generator=generator)
    value = _normal(shape, generator)
    if near:
        return value.mul(0.5).requires_grad_()
    return (value + value.sign()).requires_grad_()  # away from the poles that many ops have at zero


def _weight(shape: tuple[int, ...], buffer: bool, generator: torch.Generator) -> Tensor:
    """Weights of any sign; statistics that are positive, as variances and counts are."""
    value = _normal(shape, generator)
    return value.abs() + 0.5 if buffer else value.requires_grad_()


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)
