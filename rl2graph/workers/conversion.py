"""Between the values that environments give and take and ours: observations and actions as trees.

Both readings follow gymnasium's space, part by part; `rl2graph.spaces.conversion` says what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from rl2graph.agents.base import Array, observation_dtype
from rl2graph.memory.trees import Tree
from rl2graph.spaces import Record, observation_space

Read = Callable[[Any], Tree]
Write = Callable[[Tree], Any]


def reader(space: spaces.Space[Any]) -> Read:
    """From an observation of `space`, or a batch of such, to a copy as a tree in our dtypes.

    Always a copy: vector environments may write the next step into the same array.
    """
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = [(str(key), key, reader(part)) for key, part in _parts(space)]
        return lambda value: {name: read(value[key]) for name, key, read in parts}
    converted = observation_space(space)
    assert not isinstance(converted, Record)
    dtype = observation_dtype(converted)
    return lambda value: np.array(value, dtype=dtype, order="C")


def writer(space: spaces.Space[Any]) -> Write:
    """From a batch of actions as a tree to what an environment of the action space `space` takes.

    Choices `[B]` or `[B, n]`, counted from 0, get the space's start, axes and dtype; floats `[B, *shape]` are
    clipped to its bounds.
    """
    match space:
        case spaces.Dict():
            named = [(str(key), key, writer(part)) for key, part in _parts(space)]
            return lambda action: {key: write(action[name]) for name, key, write in named}
        case spaces.Tuple():
            ordered = [writer(part) for part in space.spaces]
            return lambda action: tuple(write(action[str(i)]) for i, write in enumerate(ordered))
        case spaces.Box() if space.dtype.kind == "f":
            return lambda action: np.clip(action, space.low, space.high).astype(space.dtype, copy=False)
        case spaces.Box():
            return _counted(space, space.low)
        case spaces.Discrete() | spaces.MultiDiscrete():
            return _counted(space, space.start)
    return _counted(space, 0)


def _counted(space: spaces.Space[Any], start: Any) -> Write:
    """Choices counted from `start`, in the axes of the space."""
    shape = tuple(space.shape or ())

    def write(action: Array) -> Array:
        counted: Array = np.reshape(action, (len(action), *shape)) + start
        return counted.astype(space.dtype, copy=False)

    return write


def _parts(space: Any) -> Iterator[tuple[Any, spaces.Space[Any]]]:
    """The parts with what they are taken by."""
    return iter(space.spaces.items()) if isinstance(space, spaces.Dict) else enumerate(space.spaces)


def put_row(batch: Tree, index: int, row: Tree) -> None:
    """Writes an observation into one row of a batch, part by part."""
    if isinstance(batch, dict):
        for name, part in batch.items():
            put_row(part, index, row[name])
    else:
        batch[index] = row
