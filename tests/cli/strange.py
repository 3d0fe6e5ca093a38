"""An environment whose action space this release does not serve."""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium import spaces


class Strange(gymnasium.Env):
    observation_space = spaces.Box(-1, 1, (4,), np.float32)
    action_space = spaces.Text(5)


gymnasium.register("Strange-v0", entry_point=Strange)
