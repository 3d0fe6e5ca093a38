"""Whether two specs are different functions for certain, by the reference interpreter."""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.numerics import float64
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.checking import make_interface
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.spec import Spec, as_spec
from rl2graph.ir.canonical.numbering import OutputKey, view
from rl2graph.ir.graph import Graph, Output, gather
from rl2graph.ir.slots import EFFECTS, is_recurrent, noise_schema, state_schema, with_effects
from rl2graph.testing.differences import Tolerance, difference, optional_difference
from rl2graph.testing.interpretation import literal_graph
from rl2graph.testing.trials import (
    keyed,
    leaves,
    nested,
    random_inputs,
    random_noise,
    random_resets,
    random_state,
    random_weights,
    shown,
)

APART = Tolerance(rtol=1e-6, atol=1e-7)
"""What rounding does not bring about."""

TINY = 1e-9
"""A gradient that is no larger is zero but for rounding."""

_GRADIENT_OPS = ("detach", "scale_grad")

Key = tuple[str, ...]
"""Of what a graph gives or carries, by which its counterpart is found."""

Kind = tuple[str, tuple[int, ...]]
"""The name and the shape of a tensor."""


def confirms_breaking(
    a: Spec | str | Path,
    b: Spec | str | Path,
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    params: Mapping[str, Constant] | None = None,
    agents: Sequence[str] | None = None,
    seeds: Collection[int] = (0, 1, 2),
    batch: int = 3,
    steps: int = 3,
) -> str | None:
    """What shows that two specs are different functions, whichever owners of one are taken for which of the
    other; None where nothing does.

    Both are interpreted, node by node and as written, on the same inputs, with weights that are functions of
    their names and shapes alone, and so is noise: then no choice of counterparts matters. Values of outputs
    and losses, states, and gradients for inputs are compared by name; gradients for weights and statistics
    as collections of one for each owner that has any.

    That nothing shows does not say that two specs are the same: `assert_equivalent` is for that.

    Args:
        a, b, env, observation_space, action_space, params, agents, seeds, batch, steps: as for
            `assert_equivalent`; no models.

    Raises:
        DiagnosticError: a spec that has an error.
    """
    interface = make_interface(env, observation_space, action_space, agents)
    one, other = (literal_graph(as_spec(spec), interface, params) for spec in (a, b))
    return shows_difference(one, other, seeds, batch, steps)


def shows_difference(
    a: Graph, b: Graph, seeds: Collection[int] = (0, 1, 2), batch: int = 3, steps: int = 3
) -> str | None:
    """As `confirms_breaking`, for literal graphs."""
    for what, keys in (("outputs", _keys), ("the state", _carried)):
        if keys(a) != keys(b):
            listed = [", ".join(map(_worded, keys(graph))) or "none" for graph in (a, b)]
            return f"{what}: {listed[0]} in A, {listed[1]} in B"
    inputs = leaves(a), leaves(b)
    for name in inputs[0].keys() & inputs[1].keys():
        if inputs[0][name] != inputs[1][name]:
            return f"the input {shown(name)} is {inputs[0][name]} in A and {inputs[1][name]} in B"
    shape = (steps, batch) if is_recurrent(a) else (batch,)
    with float64():
        for seed in seeds:
            for mode, graphs in _variants(a, b):
                one, other = (_observe(graph, seed, shape) for graph in graphs)
                for problem in _differences(one, other):
                    return f"{problem}, in mode {mode}, seed {seed}"
    return None


def _variants(a: Graph, b: Graph) -> Iterator[tuple[str, tuple[Graph, Graph]]]:
    """Both in each mode, and without what changes gradients alone: values that agree have derivatives that
    do, so that an owner counts which values hang on and no gradient reaches.
    """
    for mode, effects in EFFECTS.items():
        one, other = with_effects(a, effects), with_effects(b, effects)
        if mode == "evaluate" or not (_is_pure(one) and _is_pure(other)):
            yield mode, (one, other)
    if any(node.op in _GRADIENT_OPS for graph in (a, b) for node in graph.nodes):
        one, other = (_differentiable(with_effects(graph, ())) for graph in (a, b))
        yield "evaluate, with gradients through all", (one, other)


def _differentiable(graph: Graph) -> Graph:
    stand_in: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.op in _GRADIENT_OPS:
            stand_in[index] = stand_in.get(node.operands[0], node.operands[0])
    return gather(graph, [index for index in range(len(graph.nodes)) if index not in stand_in], stand_in)


@dataclass(frozen=True, slots=True)
class _Observation:
    """What a graph gives: by name, and by kind for each owner."""

    named: Mapping[Key, Tensor]
    inputs: Mapping[str, Tensor | None]
    gradients: Mapping[Kind, list[Tensor]]
    statistics: Mapping[Kind, list[Tensor]]


def _observe(graph: Graph, seed: int, shape: Sequence[int]) -> _Observation:
    weights = {f"{owner.path}.{weight.name}": weight for owner in graph.owners for weight in owner.weights}
    values = dict(random_weights(weights.items(), seed, alike=True))
    trained = {key: values[key].requires_grad_() for key in values if not weights[key].buffer}
    inputs = random_inputs(leaves(graph), shape, seed)
    floats = {name: value for name, value in inputs.items() if value.is_floating_point()}
    traced = {shown(name): value.requires_grad_() for name, value in floats.items()}
    state = random_state(state_schema(graph), shape[-1:], seed)
    noise = {
        name: random_noise(part, shape, keyed(seed, name.rpartition(".")[2], part))
        for name, part in noise_schema(graph).items()
    }
    resets = random_resets(shape, seed) if state else None
    result = interpret(graph, nested(inputs), values, state=state or None, resets=resets, noise=noise or None)
    statistics: Mapping[str, Tensor] = result.pop("statistics", {})
    after: Mapping[str, Tensor] = result.pop("state", {})
    named: dict[Key, Tensor] = {("output", *key): result[output.name] for key, output in _outputs(graph)}
    named |= {("the state", name, "after"): value for name, value in after.items()}
    grads = _gradients(named, [*trained.values(), *traced.values()], seed)
    reached = {
        key: grad
        for key, grad in zip(trained, grads, strict=False)
        if grad is not None and bool((grad.abs() > TINY).any())
    }
    return _Observation(
        named,
        dict(zip(traced, grads[len(trained) :], strict=True)),
        _by_kind(reached),
        _by_kind(statistics),
    )


def _gradients(named: Mapping[Key, Tensor], wanted: list[Tensor], seed: int) -> Sequence[Tensor | None]:
    total = sum(
        (value * torch.randn(value.shape, generator=keyed(seed, *key), dtype=torch.float64)).sum()
        for key, value in named.items()
        if value.is_floating_point()
    )
    if not (wanted and isinstance(total, Tensor) and total.requires_grad):
        return [None] * len(wanted)
    return torch.autograd.grad(total, wanted, allow_unused=True)


def _differences(one: _Observation, other: _Observation) -> Iterator[str]:
    for key, value in one.named.items():
        problem = difference(value, other.named[key], APART)
        if problem is not None:
            yield f"{_worded(key)} {problem}"
    for name in dict.fromkeys([*one.inputs, *other.inputs]):
        problem = optional_difference(one.inputs.get(name), other.inputs.get(name), APART)
        if problem is not None:
            yield f"the gradient for the input {name} {problem}"
    for what, ours, theirs in (
        ("gradients for", one.gradients, other.gradients),
        ("statistics of", one.statistics, other.statistics),
    ):
        for kind in dict.fromkeys([*ours, *theirs]):
            problem = _collections_differ(ours.get(kind, []), theirs.get(kind, []))
            if problem is not None:
                yield f"{what} {kind[0]} {list(kind[1])} {problem}"


def _collections_differ(ours: list[Tensor], theirs: list[Tensor]) -> str | None:
    if len(ours) != len(theirs):
        return f"are {len(ours)} in A and {len(theirs)} in B"
    return difference(torch.stack(_ordered(ours)), torch.stack(_ordered(theirs)), APART)


def _ordered(tensors: list[Tensor]) -> list[Tensor]:
    """In an order that hangs on their values alone."""
    direction = torch.randn(tensors[0].numel(), generator=keyed(0, "order"), dtype=torch.float64)
    return sorted(tensors, key=lambda tensor: float(tensor.detach().reshape(-1) @ direction))


def _by_kind(tensors: Mapping[str, Tensor]) -> dict[Kind, list[Tensor]]:
    found: dict[Kind, list[Tensor]] = {}
    for key, tensor in tensors.items():
        found.setdefault((key.rpartition(".")[2], tuple(tensor.shape)), []).append(tensor)
    return found


def _outputs(graph: Graph) -> ItemsView[OutputKey, Output]:
    return view(graph).outputs.items()


def _keys(graph: Graph) -> list[Key]:
    return [key for key, _ in _outputs(graph)]


def _worded(key: Key) -> str:
    return " ".join(filter(None, key))


def _carried(graph: Graph) -> list[Key]:
    return sorted((name, str(list(part.shape))) for name, part in state_schema(graph).items())


def _is_pure(graph: Graph) -> bool:
    return all(node.evaluation is None for node in graph.nodes)
