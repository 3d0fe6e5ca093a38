"""An environment whose observations and actions have parts: a spec for it, checked, shown and compiled.

On the command line, in this folder: `rl2graph show turret.rl2 --env action_of_parts:Turret-v0`; `check` and
`train` likewise.
"""

import tempfile
from pathlib import Path

import gymnasium
import numpy as np
from gymnasium import spaces

import rl2graph
from rl2graph.cli.main import main as command

SPEC = """
encoder seen = mlp(obs.target, hidden=[32])   # a dict: its parts by name
encoder left = mlp(obs.ammunition["1"])       # a tuple: its parts by number
e = concat(seen, left, obs.ammunition["0"]) |> dense(32) |> tanh
pi = head(e)                                  # a head for each part: pi.aim and pi.fire
v = head(e)
"""


class Turret(gymnasium.Env):
    """Aim where the target is, and fire the gun that is loaded; an episode is 16 shots."""

    observation_space = spaces.Dict(
        target=spaces.Box(-1, 1, (2,)),
        ammunition=spaces.Tuple((spaces.Discrete(3, start=1), spaces.Box(0, 1, (1,)))),
    )
    action_space = spaces.Dict(aim=spaces.Box(-1, 1, (2,)), fire=spaces.Discrete(3, start=1))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(int(self.np_random.integers(2**31)))
        self.shots, self.seen = 0, self.observation_space.sample()
        return self.seen, {}

    def step(self, action):
        miss = float(np.abs(action["aim"] - self.seen["target"]).mean())
        reward = float(action["fire"] == self.seen["ammunition"][0]) - miss
        self.shots, self.seen = self.shots + 1, self.observation_space.sample()
        return self.seen, reward, False, self.shots == 16, {}


gymnasium.register("Turret-v0", Turret)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "turret.rl2")
        spec.write_text(SPEC)
        command(["check", str(spec), "--env", "Turret-v0", "--algo", "ppo"])
        command(["show", str(spec), "--env", "Turret-v0"])
    model = rl2graph.compile(SPEC, env="Turret-v0", algo="ppo")
    print([key for key in model.state_dict() if key.startswith("pi.")])
