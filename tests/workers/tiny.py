"""A small environment whose every number can be told beforehand."""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv


class Tiny(gymnasium.Env):
    """Episode k of slot s runs 2 + (s + k) % 2 steps; even ones terminate, odd ones are truncated.

    Observations are `[slot, episode, step]` as float64; the reward is `10 * episode + step + action`.
    """

    observation_space = spaces.Box(-100, 100, (3,), np.float64)

    def __init__(self, slot=0, action_space=None):
        self.action_space = action_space or spaces.Discrete(2)
        self.slot, self.episode, self.t = slot, -1, 0
        self.actions = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.t = 0
        return self.observe(), {}

    def step(self, action):
        self.actions.append(action)
        reward = 10.0 * self.episode + self.t + float(np.sum(action))
        self.t += 1
        over = self.t == 2 + (self.slot + self.episode) % 2
        even = self.episode % 2 == 0
        return self.observe(), reward, over and even, over and not even, {}

    def observe(self):
        return np.array([self.slot, self.episode, self.t], np.float64)


def tiny_vector(mode, num_envs=2, action_space=None):
    return SyncVectorEnv(
        [lambda slot=slot: Tiny(slot, action_space) for slot in range(num_envs)], autoreset_mode=mode
    )
