"""Environments of one kind of space each, whose best return is known."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

STEPS = 16


class Dials(gymnasium.Env[np.ndarray, np.ndarray]):
    """Three dials of 3, 4 and 2 positions, to be set as the observation says: a third for each, every step.

    Positions are told as angles, sine and cosine. The best return is 16; chance has 16 * 13/36, about 5.8.
    """

    counts = np.array([3, 4, 2])
    observation_space = spaces.Box(-1, 1, (6,), np.float32)
    action_space = spaces.MultiDiscrete(counts)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.t = 0
        return self._seen(), {}

    def step(self, action: np.ndarray) -> Any:
        reward = float((action == self.wanted).mean())
        self.t += 1
        return self._seen(), reward, False, self.t == STEPS, {}

    def _seen(self) -> np.ndarray:
        self.wanted = self.np_random.integers(self.counts)
        angle = 2 * np.pi * self.wanted / self.counts
        return np.concatenate([np.sin(angle), np.cos(angle)]).astype(np.float32)


class Lookout(gymnasium.Env[dict[str, np.ndarray], int]):
    """A camera shows a bright column on the left or the right, a flag says whether to go there or away: 1 for
    the right way, every step. Neither part alone says more than chance. The best return is 16, chance has 8.
    """

    observation_space = spaces.Dict(
        {"camera": spaces.Box(0, 255, (1, 8, 8), np.uint8), "flag": spaces.Box(-1, 1, (1,), np.float32)}
    )
    action_space = spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.t = 0
        return self._seen(), {}

    def step(self, action: int) -> Any:
        reward = float(action == self.wanted)
        self.t += 1
        return self._seen(), reward, False, self.t == STEPS, {}

    def _seen(self) -> dict[str, np.ndarray]:
        side, towards = self.np_random.integers(2, size=2)
        camera = self.np_random.integers(0, 80, (1, 8, 8)).astype(np.uint8)
        camera[0, :, 4 * side + self.np_random.integers(4)] = 255
        self.wanted = side if towards else 1 - side
        return {"camera": camera, "flag": np.array([2.0 * towards - 1.0], np.float32)}


class Maze(gymnasium.Env[dict[str, np.ndarray], int]):
    """A grid of 5 by 5 from corner to corner: 1 at the goal, -0.01 a step, cut off after 50.

    A move into the border or a wall is not allowed: the mask says so, and making it all the same ends the
    episode with -1. The shortest way has 12 moves: the best return is 0.88.
    """

    observation_space = spaces.Dict(
        {"place": spaces.Box(0, 1, (25,), np.float32), "mask": spaces.MultiBinary(4)}
    )
    action_space = spaces.Discrete(4)
    walls = frozenset({(1, 0), (1, 1), (1, 3), (3, 1), (3, 2), (3, 3), (3, 4)})
    moves = ((1, 0), (-1, 0), (0, 1), (0, -1))
    goal = (4, 4)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.at, self.t = (0, 0), 0
        return self._seen(), {}

    def step(self, action: int) -> Any:
        self.t += 1
        if not self._allowed()[action]:
            return self._seen(), -1.0, True, False, {}
        down, right = self.moves[action]
        self.at = self.at[0] + down, self.at[1] + right
        there = self.at == self.goal
        return self._seen(), (1.0 if there else 0.0) - 0.01, there, self.t == 50, {}

    def _allowed(self) -> np.ndarray:
        beside = ((self.at[0] + down, self.at[1] + right) for down, right in self.moves)
        inside = [0 <= a < 5 and 0 <= b < 5 and (a, b) not in self.walls for a, b in beside]
        return np.array(inside, np.int8)

    def _seen(self) -> dict[str, np.ndarray]:
        place = np.zeros(25, np.float32)
        place[5 * self.at[0] + self.at[1]] = 1.0
        return {"place": place, "mask": self._allowed()}


class Crane(gymnasium.Env[np.ndarray, dict[str, Any]]):
    """An action of parts: grip or not as one number says, and turn as another: for each step half a point for
    the grip, and half a point less half the distance (at most 1) for the turn. The best return is 16.
    """

    observation_space = spaces.Box(-1, 1, (2,), np.float32)
    action_space = spaces.Dict(
        {"grip": spaces.Discrete(2), "turn": spaces.Tuple((spaces.Box(-1, 1, (1,), np.float32),))}
    )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.t = 0
        return self._seen(), {}

    def step(self, action: dict[str, Any]) -> Any:
        grip, turn = self.seen
        distance = min(1.0, abs(float(action["turn"][0][0]) - float(turn)))
        reward = 0.5 * float(action["grip"] == (grip > 0)) + 0.5 * (1.0 - distance)
        self.t += 1
        return self._seen(), reward, False, self.t == STEPS, {}

    def _seen(self) -> np.ndarray:
        self.seen = self.np_random.uniform(-1, 1, 2).astype(np.float32)
        return self.seen
