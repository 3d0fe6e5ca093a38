"""On-policy memory: a fixed number of vector steps, read once and overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


class RolloutMemory:
    """Preallocated arrays `[T, B, ...]`, time first.

    Observations keep their own dtype; actions are int64 or float32; rewards, values and log-probabilities
    float32. `terminated` and `truncated` stay apart. `valid` is False where a step only reset its
    environment: such rows are never handed out by `minibatches`. `final_value` holds the value of the true
    last observation where an episode was truncated, and is meaningless elsewhere.
    """

    def __init__(
        self,
        n_steps: int,
        num_envs: int,
        *,
        obs_shape: tuple[int, ...],
        obs_dtype: DTypeLike,
        action_shape: tuple[int, ...],
        action_dtype: DTypeLike,
    ) -> None:
        grid = (n_steps, num_envs)
        self.n_steps = n_steps
        self.num_envs = num_envs
        self.position = 0
        self.obs: Array = np.zeros((*grid, *obs_shape), obs_dtype)
        self.action: Array = np.zeros((*grid, *action_shape), action_dtype)
        self.log_prob = np.zeros(grid, np.float32)
        self.value = np.zeros(grid, np.float32)
        self.reward = np.zeros(grid, np.float32)
        self.terminated = np.zeros(grid, np.bool_)
        self.truncated = np.zeros(grid, np.bool_)
        self.valid = np.zeros(grid, np.bool_)
        self.final_value = np.zeros(grid, np.float32)

    @property
    def full(self) -> bool:
        """Whether T steps are stored."""
        return self.position == self.n_steps

    def __len__(self) -> int:
        """Rows `T * B`, valid or not."""
        return self.n_steps * self.num_envs

    def store(
        self,
        *,
        obs: Array,
        action: Array,
        log_prob: Array,
        value: Array,
        reward: Array,
        terminated: Array,
        truncated: Array,
        valid: Array,
        final_value: Array | None = None,
    ) -> None:
        """Copies one vector step, each array `[B, ...]`, to the next row.

        Raises:
            IndexError: the memory is full; `clear` it after reading.
        """
        t = self.position
        self.obs[t] = obs
        self.action[t] = action
        self.log_prob[t] = log_prob
        self.value[t] = value
        self.reward[t] = reward
        self.terminated[t] = terminated
        self.truncated[t] = truncated
        self.valid[t] = valid
        if final_value is not None:
            self.final_value[t] = final_value
        self.position = t + 1

    def next_values(self, bootstrap: Array) -> Array:
        """V of each step's own successor, `[T, B]`: the next row, the final observation, or `bootstrap`.

        Args:
            bootstrap: `[B]`, V of the observation after the last stored step.
        """
        following = np.concatenate([self.value[1:], bootstrap[None].astype(np.float32)])
        return np.where(self.truncated, self.final_value, following)

    def minibatches(self, permutation: Array, size: int) -> Iterator[Array]:
        """Row indices, always exactly `size` of them, over the valid rows in the order of `permutation`.

        Every batch has one shape, so that a compiled update compiles once, and no row is left out: where
        the rows do not divide evenly, the last batch is filled up from the start of the permutation.

        Args:
            permutation: int `[T * B]`, an order of all rows; drawn by the caller.
            size: rows in a minibatch.
        """
        rows = permutation if self.valid.all() else permutation[self.valid.reshape(-1)[permutation]]
        if not len(rows):
            return
        count = -(-len(rows) // size)
        rows = np.resize(rows, count * size)
        yield from rows.reshape(count, size)

    def clear(self) -> None:
        """Starts over at the first row."""
        self.position = 0
