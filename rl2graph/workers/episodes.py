"""Returns and lengths of the episodes that a batch of environments goes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rl2graph.agents.base import Step


@dataclass(frozen=True, slots=True)
class Episode:
    """One finished episode: its slot in the batch, undiscounted return, and length in steps."""

    slot: int
    episode_return: float
    length: int


class EpisodeTracker:
    """Adds up rewards `[B]` until an episode ends."""

    def __init__(self, num_envs: int) -> None:
        self._returns = np.zeros(num_envs, np.float64)
        self._lengths = np.zeros(num_envs, np.int64)

    @property
    def running(self) -> NDArray[np.int64]:
        """Steps of each slot's unfinished episode, `[B]`."""
        return self._lengths

    def add(self, step: Step) -> Iterator[Episode]:
        """Counts one vector step, and gives the episodes that it ended. To be exhausted by the caller."""
        reward = step.reward if step.raw_reward is None else step.raw_reward
        self._returns += np.where(step.valid, reward, 0.0)
        self._lengths += step.valid
        if step.final_obs is not None:
            for slot in np.flatnonzero(step.terminated | step.truncated):
                yield Episode(int(slot), float(self._returns[slot]), int(self._lengths[slot]))
                self._returns[slot] = 0.0
                self._lengths[slot] = 0
