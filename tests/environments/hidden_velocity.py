"""CartPole that shows cart position and pole angle alone: their velocities have to be remembered."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.classic_control import CartPoleEnv

_SEEN = [0, 2]


class HiddenVelocity(gymnasium.ObservationWrapper):
    """Positions `[2]` of the four numbers that CartPole gives."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        space = env.observation_space
        assert isinstance(space, spaces.Box)
        self.observation_space = spaces.Box(space.low[_SEEN], space.high[_SEEN], dtype=np.float32)

    def observation(self, observation: np.ndarray) -> np.ndarray:
        return observation[_SEEN]


def make(**kwargs: Any) -> HiddenVelocity:
    return HiddenVelocity(CartPoleEnv(**kwargs))
