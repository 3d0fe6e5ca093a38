"""Initial weights: a function of seed, owner path, tensor, shape and init rule alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from math import prod, sqrt
from typing import Any

import numpy as np
import torch

from rl2graph.ir.graph import Owner
from rl2graph.ir.op import Weight

Array = np.ndarray[Any, np.dtype[np.float64]]


def initial_weight(seed: int, path: str, weight: Weight) -> torch.Tensor:
    """The first value of one tensor, float32, from a generator of its own.

    Adding a head, pruning or merging therefore changes no other owner's start, and torch's generators are
    never touched.
    """
    rule, number = weight.init.rule, weight.init.value
    if rule == "constant":
        return torch.full(weight.dims, number, dtype=torch.float32)
    key = f"{path}.{weight.name}|{list(weight.shape)}|{rule}"
    words = np.frombuffer(sha256(key.encode()).digest(), dtype="<u4")
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *map(int, words)])))
    drawn = _RULES[rule](generator, number, weight.dims)
    return torch.from_numpy(np.ascontiguousarray(drawn, dtype=np.float32)).reshape(weight.dims)


def initial_weights(seed: int, owners: tuple[Owner, ...]) -> dict[str, torch.Tensor]:
    """Initial values of all owners' tensors by state_dict key."""
    return {
        f"{owner.path}.{weight.name}": initial_weight(seed, owner.path, weight)
        for owner in owners
        for weight in owner.weights
    }


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of one application of a weight `[out, in, window…]`."""
    window = prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _scaled_orthogonal(generator: np.random.Generator, gain: float, shape: tuple[int, ...]) -> Array:
    return gain * _orthogonal(generator, shape[0], prod(shape[1:]))


def _xavier_uniform(generator: np.random.Generator, gain: float, shape: tuple[int, ...]) -> Array:
    bound = gain * sqrt(6 / sum(_fans(shape)))
    return generator.uniform(-bound, bound, shape)


def _kaiming_uniform(generator: np.random.Generator, gain: float, shape: tuple[int, ...]) -> Array:
    bound = gain * sqrt(3 / _fans(shape)[0])
    return generator.uniform(-bound, bound, shape)


def _normal(generator: np.random.Generator, std: float, shape: tuple[int, ...]) -> Array:
    return std * generator.standard_normal(shape)


def _uniform(generator: np.random.Generator, bound: float, shape: tuple[int, ...]) -> Array:
    return generator.uniform(-bound, bound, shape)


def _orthogonal(
    generator: np.random.Generator, rows: int, columns: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A matrix with orthonormal rows or columns, uniform over such (Saxe et al. 2014; Mezzadri 2007)."""
    tall = generator.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    # The sign of R's diagonal is LAPACK's choice; fixing it makes the distribution uniform.
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return q if rows >= columns else np.ascontiguousarray(q.T)


_RULES: dict[str, Callable[[np.random.Generator, float, tuple[int, ...]], Array]] = {
    "orthogonal": _scaled_orthogonal,
    "xavier_uniform": _xavier_uniform,
    "kaiming_uniform": _kaiming_uniform,
    "normal": _normal,
    "uniform": _uniform,
}
"""How each rule of `rl2graph.ir.inits` draws; a constant draws nothing."""


def stated_rates(owners: Sequence[Owner]) -> dict[str, float]:
    """Rates that `@lr` gives, by state_dict key."""
    return {
        f"{owner.path}.{weight.name}": owner.learning_rate
        for owner in owners
        if owner.learning_rate is not None
        for weight in owner.weights
        if not weight.buffer
    }
