"""Two specs held to be one function, by running both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.numerics import float64
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.ir.slots import Mode
from rl2graph.testing.differences import Tolerance, difference, optional_difference
from rl2graph.testing.pairing import Pair
from rl2graph.testing.sides import Comparable, Side, sides
from rl2graph.testing.trials import keyed

MAX_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a comparison found: two specs gave the same, however they are written.

    Attributes:
        owners: owners' paths in a to those in b, under which the two were compared.
        structure: why their graphs are not the same all the same (`a + b` and `b + a`); None where they are.
        runs: how many pairs of runs agreed.
    """

    owners: Mapping[str, str]
    structure: str | None
    runs: int


def assert_equivalent(
    a: Comparable,
    b: Comparable,
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    params: Mapping[str, Constant] | None = None,
    agents: Sequence[str] | None = None,
    owners: Mapping[str, str] | None = None,
    seeds: Collection[int] = (0, 1, 2),
    batch: int = 4,
    steps: int = 3,
    rtol: float = 1e-9,
    atol: float = 1e-10,
    counts: bool = True,
) -> Agreement:
    """Assert that two specs are one function, in float64, on random weights and inputs.

    Compared are the values of all outputs and losses, gradients with respect to every owner and every float
    input, the statistics that training and collecting move, with the same noise; for recurrent specs over a
    sequence with resets, with the state after it; and how often each op is evaluated, at level 1 whatever
    the level of a model. Numbers can only show
    that two specs differ: that they agree on random ones is strong evidence, and no proof.

    Args:
        a, b: specs, their paths or texts, or models compiled from them, which are copied.
        env, observation_space, action_space, agents: what both are compiled for, as for `rl2graph.compile`;
            that of the model where one is given.
        params: values for the `param` statements of both.
        owners: paths of owners in a to those in b. Left out, the bijection by which their graphs are the
            same; where they are not, the same paths, and for the rest owners of one kind, in order.
        seeds: of weights, inputs, state and noise; one run each in every mode that matters.
        batch, steps: how many samples, and steps of a sequence.
        rtol, atol: how far two tensors may be apart: `atol + rtol * largest`.
        counts: whether both must evaluate each op equally often.

    Raises:
        AssertionError: with what differs, by how much and where, and how the graphs differ.
        DiagnosticError: a spec that has an error.
    """
    with float64():
        one, other = sides(a, b, env, observation_space, action_space, params, agents)
        pair = Pair(one, other, owners)
        _fail(pair, "they cannot be run on the same", list(pair.obstacles()))
        shape = (steps, batch) if pair.recurrent else (batch,)
        modes = pair.modes()
        for seed in seeds:
            pair.load(seed)
            for mode in modes:
                where = f"in mode {mode}, seed {seed}"
                _fail(pair, where, _different_results(pair, mode, seed, shape, Tolerance(rtol, atol)))
        if counts:
            for mode in modes:
                _fail(pair, f"in mode {mode}", _different_counts(pair, mode, shape))
    return Agreement(dict(pair.owners), pair.structure, len(modes) * len(seeds))


def _different_results(
    pair: Pair, mode: Mode, seed: int, shape: Sequence[int], tolerance: Tolerance
) -> list[str]:
    """What values, statistics, state and gradients of one run of both differ in."""
    runs = []
    for side, noise in zip(pair.sides, pair.noise(mode, seed, shape), strict=True):
        given, traced = pair.conditions(seed, shape)
        runs.append(_Run(side, side.run(mode, given, noise), traced, seed))
    one, other = runs
    return list(_values(pair, one, other, tolerance)) or _gradients(pair, one, other, tolerance)


def _values(pair: Pair, one: _Run, other: _Run, tolerance: Tolerance) -> Iterator[str]:
    for name, value in one.values.items():
        yield from _said(f"output {name}", difference(value, other.values[pair.outputs[name]], tolerance))
    for name, value in one.state.items():
        yield from _said(f"the state {name} after", difference(value, other.state[name], tolerance))
    theirs = {pair.key(key): key for key in one.statistics}
    for key, value in one.statistics.items():
        moved = other.statistics.get(pair.key(key) or "")
        if moved is None:
            yield f"the statistics {key} move in A alone"
        else:
            yield from _said(f"the statistics {key}", difference(value, moved, tolerance))
    for key in other.statistics:
        if key not in theirs:
            yield f"the statistics {key} move in B alone"


def _gradients(pair: Pair, one: _Run, other: _Run, tolerance: Tolerance) -> list[str]:
    """Differences of gradients of everything at once, told output by output where one alone shows them."""
    together = list(_gradients_of(pair, one, other, None, tolerance))
    if not together:
        return []
    apart = [
        f"the gradient of output {name} for {text}"
        for name in one.values
        for text in _gradients_of(pair, one, other, name, tolerance)
    ]
    return apart or [f"the gradient for {text}" for text in together]


def _gradients_of(
    pair: Pair, one: _Run, other: _Run, output: str | None, tolerance: Tolerance
) -> Iterator[str]:
    chosen = [output] if output is not None else [*one.values]
    ours = one.gradients(chosen, with_state=output is None)
    theirs = other.gradients([pair.outputs[name] for name in chosen], with_state=output is None)
    taken = set()
    for key, value in ours.items():
        counterpart = pair.key(key) if key in pair.weights[0] else key
        taken.add(counterpart)
        yield from _said(key, optional_difference(value, theirs.get(counterpart or ""), tolerance))
    for key, value in theirs.items():
        if key not in taken:
            yield from _said(f"{key} of B", optional_difference(None, value, tolerance))


class _Run:
    """What one side gave, and gradients of it."""

    def __init__(self, side: Side, result: dict[str, Any], traced: Mapping[str, Tensor], seed: int) -> None:
        self.state: Mapping[str, Tensor] = result.pop("state", {})
        self.statistics: Mapping[str, Tensor] = result.pop("statistics", {})
        self.values: Mapping[str, Tensor] = result
        self._for = dict(side.model.named_parameters()) | dict(traced)
        self._seed = seed

    def gradients(self, outputs: Sequence[str], with_state: bool) -> dict[str, Tensor | None]:
        """Gradients, for weights and inputs, of a random weighting of some outputs, and of the next state."""
        chosen = [self.values[name] for name in outputs]
        if with_state:
            chosen += [self.state[name] for name in sorted(self.state)]
        generator = keyed(self._seed, "directions")
        total = sum(
            (value * torch.randn(value.shape, generator=generator, dtype=value.dtype)).sum()
            for value in chosen
            if value.is_floating_point()
        )
        if not (self._for and isinstance(total, Tensor) and total.requires_grad):
            return {}
        grads = torch.autograd.grad(total, list(self._for.values()), allow_unused=True, retain_graph=True)
        return dict(zip(self._for, grads, strict=True))


def _different_counts(pair: Pair, mode: Mode, shape: Sequence[int]) -> list[str]:
    """Ops that one side evaluates more often, in its graph and, on weights, at run time."""
    a, b = pair.sides
    found = list(_counted(a.evaluations(mode), b.evaluations(mode), "evaluates"))
    given, _ = pair.conditions(0, shape)
    noise_a, noise_b = pair.noise(mode, 0, shape)
    weighted = a.weighted(mode, given, noise_a), b.weighted(mode, given, noise_b)
    return found + list(_counted(*weighted, "dispatches, on weights,"))


def _counted(a: Counter[str], b: Counter[str], verb: str) -> Iterator[str]:
    for op in dict.fromkeys([*a, *b]):
        if a[op] != b[op]:
            yield f"A {verb} {op} {a[op]} times, B {b[op]} times"


def _said(what: str, problem: str | None) -> Iterator[str]:
    if problem is not None:
        yield f"{what} {problem}"


def _fail(pair: Pair, where: str, found: Sequence[str]) -> None:
    """Raise AssertionError where anything was found."""
    if not found:
        return
    lines = [] if pair.structure is None else [f"graphs: {pair.structure}"]
    for name, alone in zip("AB", pair.alone(), strict=True):
        if alone:
            lines.append(f"owners that {name} alone has: {', '.join(alone)}")
    lines += found[:MAX_FINDINGS]
    if len(found) > MAX_FINDINGS:
        lines.append(f"and {len(found) - MAX_FINDINGS} more")
    raise AssertionError("\n  ".join([f"A and B are not equivalent, {where}:", *lines]))
