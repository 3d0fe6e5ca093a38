"""One root seed, one stream for each use, in an order that never changes."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np


class Stream(enum.IntEnum):
    """The children of the root `SeedSequence`, by spawn key. New uses are added at the end.

    WEIGHTS is reserved: the model keys its initial weights by (root seed, owner path, tensor) itself, so
    that `rl2graph.compile(seed=3)` shows the weights that a run of seed 3 starts from.
    """

    WEIGHTS = 0
    ENVIRONMENTS = 1
    EXPLORATION = 2
    MEMORY = 3
    EVALUATION = 4


def sequence(seed: int, stream: Stream, *salt: int) -> np.random.SeedSequence:
    """The seeds of one stream: child `stream` of `SeedSequence(seed)`, then its child `salt`, if any."""
    return np.random.SeedSequence(seed, spawn_key=(int(stream), *salt))


def generator(seed: int, stream: Stream) -> np.random.Generator:
    """A private generator on one stream."""
    return np.random.Generator(np.random.PCG64(sequence(seed, stream)))


def environment_seed(seed: int, stream: Stream, *salt: int) -> int:
    """A seed for a vector environment's `reset` (it gives `seed + i` to slot i), below 2**31."""
    return int(sequence(seed, stream, *salt).generate_state(1)[0] >> 1)


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """The state of a generator as JSON-ready data."""
    return dict(rng.bit_generator.state)


def restore_generator(rng: np.random.Generator, state: dict[str, Any]) -> None:
    """Puts a generator back to a saved state."""
    rng.bit_generator.state = state
