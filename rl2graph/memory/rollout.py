"""On-policy memory: a fixed number of vector steps, read once and overwritten."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rl2graph.memory.trees import Tree, map_tree

Array = NDArray[Any]


class RolloutMemory:
    """Preallocated arrays `[T, B, ...]`, time first.

    Observations and actions keep their own dtypes and parts; rewards, values and log-probabilities are
    float32. `terminated` and `truncated` stay apart. `valid` is False where a step only reset its
    environment: nothing is learned from such rows. `final_value` holds the value of the true last observation
    where an episode was truncated, and is meaningless elsewhere. `resets[t]` says whether recurrent state is
    zero before step t, and `states` hold what it is before the first step of each sequence,
    `[T / sequence_length, B, ...]`.

    Args:
        n_steps, num_envs: T and B.
        obs, action, state: an example of each, `[B, ...]`, whose parts, shapes and dtypes are kept.
        sequence_length: steps between the states that are kept; None for the first alone.
        keeps_next_obs: whether each step's own successor is kept, too.
    """

    def __init__(
        self,
        n_steps: int,
        num_envs: int,
        *,
        obs: Tree,
        action: Tree,
        state: Tree | None = None,
        sequence_length: int | None = None,
        keeps_next_obs: bool = False,
    ) -> None:
        def like(example: Array, count: int = n_steps) -> Array:
            return np.zeros((count, *example.shape), example.dtype)

        grid = (n_steps, num_envs)
        self.n_steps = n_steps
        self.num_envs = num_envs
        self.sequence_length = sequence_length or n_steps
        self.position = 0
        self.obs: Tree = map_tree(like, obs)
        self.action: Tree = map_tree(like, action)
        self.next_obs: Tree | None = map_tree(like, obs) if keeps_next_obs else None
        self.log_prob = np.zeros(grid, np.float32)
        self.value = np.zeros(grid, np.float32)
        self.reward = np.zeros(grid, np.float32)
        self.terminated = np.zeros(grid, np.bool_)
        self.truncated = np.zeros(grid, np.bool_)
        self.valid = np.zeros(grid, np.bool_)
        self.final_value = np.zeros(grid, np.float32)
        self.resets = np.zeros(grid, np.bool_)
        sequences = n_steps // self.sequence_length
        self.states: Tree = map_tree(lambda part: like(part, sequences), state or {})
        self._state: Tree = map_tree(np.zeros_like, state or {})
        self._resets = np.zeros(num_envs, np.bool_)

    @property
    def full(self) -> bool:
        """Whether T steps are stored."""
        return self.position == self.n_steps

    @property
    def following(self) -> tuple[Tree, Array]:
        """State `[B, ...]` and resets `[B]` before the step that comes next."""
        return self._state, self._resets

    def store(
        self,
        *,
        obs: Tree,
        action: Tree,
        log_prob: Array,
        value: Array,
        reward: Array,
        terminated: Array,
        truncated: Array,
        valid: Array,
        resets: Array,
        state: Tree | None = None,
        final_value: Array | None = None,
        next_obs: Tree | None = None,
    ) -> None:
        """Copies one vector step, each array `[B, ...]`, to the next row.

        Args:
            obs, action, log_prob, value: what was seen and decided.
            reward, terminated, truncated, valid: what came of it.
            resets: before the *following* step.
            state: after this step.
            final_value: where an episode was truncated, V of its true last observation.
            next_obs: this step's own successor.

        Raises:
            IndexError: the memory is full; `clear` it after reading.
        """
        t = self.position
        if t == self.n_steps:
            raise IndexError("the memory is full: update first")
        self.log_prob[t] = log_prob
        self.value[t] = value
        self.reward[t] = reward
        self.terminated[t] = terminated
        self.truncated[t] = truncated
        self.valid[t] = valid
        self.resets[t] = self._resets
        _write(self.obs, t, obs)
        _write(self.action, t, action)
        self.final_value[t] = 0.0 if final_value is None else final_value
        if self.next_obs is not None:
            _write(self.next_obs, t, next_obs)
        if state:
            if t % self.sequence_length == 0:
                _write(self.states, t // self.sequence_length, self._state)
            self._state = state
        self._resets = resets
        self.position = t + 1

    def next_values(self, bootstrap: Array) -> Array:
        """V of each step's own successor, `[T, B]`: the next row, the final observation, or `bootstrap`.

        Args:
            bootstrap: `[B]`, V of the observation after the last stored step.
        """
        following = np.concatenate([self.value[1:], bootstrap[None].astype(np.float32)])
        return np.where(self.truncated, self.final_value, following)

    def clear(self) -> None:
        """Starts over at the first row; state runs on."""
        self.position = 0


def _write(into: Tree, row: int, values: Tree) -> None:
    def write(whole: Array, part: Array) -> None:
        whole[row] = part

    map_tree(write, into, values)
