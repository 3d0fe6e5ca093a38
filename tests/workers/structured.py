"""Environments whose spaces have parts, which echo what they are given."""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

ACTIONS = {
    "discrete": spaces.Discrete(3, start=5),
    "multi_discrete": spaces.MultiDiscrete([[2, 3], [4, 5]], dtype=np.int16, start=[[1, 0], [0, -2]]),
    "multi_binary": spaces.MultiBinary((2, 3)),
    "box": spaces.Box(np.array([-1, 0], np.float32), np.array([1, 5], np.float32)),
    "box_of_doubles": spaces.Box(-2.0, 2.0, (2, 2), np.float64),
    "whole_numbers": spaces.Box(-2, 3, (2, 2), np.int8),
    "one_whole_number": spaces.Box(-2, 3, (), np.int64),
}
ACTIONS["tuple"] = spaces.Tuple((ACTIONS["discrete"], ACTIONS["box"]))
ACTIONS["dict"] = spaces.Dict({"z": ACTIONS["multi_binary"], "left arm": ACTIONS["multi_discrete"]})
ACTIONS["nested"] = spaces.Dict(
    {
        "gripper": ACTIONS["discrete"],
        "arms": spaces.Tuple((ACTIONS["box"], spaces.Dict({"f": ACTIONS["whole_numbers"]}))),
    }
)

OBSERVATIONS = {
    "box": spaces.Box(-9.0, 9.0, (3,), np.float64),
    "discrete": spaces.Discrete(9, start=-4),
    "multi_discrete": spaces.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 0], [0, -2]]),
    "multi_binary": spaces.MultiBinary((2, 3)),
    "image": spaces.Box(0, 255, (4, 5, 3), np.uint8),
}
OBSERVATIONS["tuple"] = spaces.Tuple((OBSERVATIONS["discrete"], OBSERVATIONS["box"]))
OBSERVATIONS["dict"] = spaces.Dict({"z": OBSERVATIONS["image"], "left arm": OBSERVATIONS["multi_binary"]})
OBSERVATIONS["nested"] = spaces.Dict(
    {"eye": OBSERVATIONS["image"], "body": spaces.Tuple((OBSERVATIONS["box"], OBSERVATIONS["dict"]))}
)


class Structured(gymnasium.Env):
    """Episodes of 2 steps, which terminate in even episodes and are truncated in odd ones.

    Each observation is a sample of the space, drawn from a seed that slot, episode and step give: `observed`.
    An action outside its space fails.
    """

    def __init__(self, slot=0, observation_space=None, action_space=None):
        self.observation_space = observation_space or OBSERVATIONS["nested"]
        self.action_space = action_space or ACTIONS["nested"]
        self.slot, self.episode, self.t = slot, -1, 0
        self.actions = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.t = 0
        return self.observe(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        self.actions.append(action)
        self.t += 1
        over, even = self.t == 2, self.episode % 2 == 0
        return self.observe(), 1.0, over and even, over and not even, {}

    def observe(self):
        return observed(self.observation_space, self.slot, self.episode, self.t)


def observed(space, slot, episode, t):
    """What `Structured` observes there."""
    space.seed(1000 * slot + 10 * episode + t)
    return space.sample()


def structured_vector(mode, observation_space=None, action_space=None, processes=False):
    """Two of them, in processes of their own where asked for."""
    kind = AsyncVectorEnv if processes else SyncVectorEnv
    makers = [lambda slot=slot: Structured(slot, observation_space, action_space) for slot in range(2)]
    return kind(makers, autoreset_mode=mode)
