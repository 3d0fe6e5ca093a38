"""Environments as the loop wants them: batched, in our dtypes, with every way of resetting made one."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

from rl2graph.agents.base import Array, Flags, Step, observation_dtype
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Box, Discrete, Space, action_space, observation_space


class Environments:
    """A vector environment behind one reading of its steps.

    Gymnasium's three autoreset modes come out alike: `Step.obs` is what to act on next, `Step.final_obs`
    the last observation of the episodes that ended, and `Step.valid` is False for the extra step in which a
    NEXT_STEP environment only resets. Observations become float32, uint8 images or int64; discrete actions
    count from 0 and reach the environment in its own dtype; Box actions are clipped to the bounds here and
    nowhere else.

    Args:
        env: a vector environment, or a single one (which becomes a batch of one).
    """

    def __init__(self, env: VectorEnv[Any, Any, Any] | gymnasium.Env[Any, Any]) -> None:
        self.vector = env if isinstance(env, VectorEnv) else _batch_of_one(env)
        self.num_envs = int(self.vector.num_envs)
        self.observation_space: Space = observation_space(self.vector.single_observation_space)
        self.action_space: Space = action_space(self.vector.single_action_space)
        self.mode = _autoreset_mode(self.vector)
        self._obs_dtype = observation_dtype(self.observation_space)
        self._ended: Flags = np.zeros(self.num_envs, np.bool_)
        self._all_valid: Flags = np.ones(self.num_envs, np.bool_)
        space = self.vector.single_action_space
        self._action_dtype = space.dtype
        self._bounds: tuple[Array, Array] | None = None
        if isinstance(self.action_space, Box):
            assert isinstance(space, gymnasium.spaces.Box)
            self._bounds = (space.low, space.high)
        self._start = self.action_space.start if isinstance(self.action_space, Discrete) else 0

    @property
    def cores(self) -> frozenset[int]:
        """As `cores` says."""
        return cores(self.vector)

    def reset(self, seed: int | None = None) -> Array:
        """First observations `[B, ...]`; slot i is seeded with `seed + i`."""
        obs, _ = self.vector.reset(seed=seed)
        self._ended = np.zeros(self.num_envs, np.bool_)
        return self._observation(obs)

    def step(self, action: Array) -> Step:
        """Steps every environment with `action` `[B]` (from 0) or `[B, *shape]` (unclipped)."""
        if self._bounds is None:
            action = (action + self._start).astype(self._action_dtype, copy=False)
        else:
            action = np.clip(action, *self._bounds).astype(self._action_dtype, copy=False)
        obs, reward, terminated, truncated, info = self.vector.step(action)
        obs = self._observation(obs)
        ended: Flags = terminated | truncated
        valid = self._all_valid
        final_obs = None
        if self.mode is AutoresetMode.NEXT_STEP:
            valid = ~self._ended
            ended = ended & valid
            self._ended = ended
            final_obs = obs if ended.any() else None
        elif ended.any():
            if self.mode is AutoresetMode.SAME_STEP:
                final_obs = self._final(info, ended, obs)
            else:
                final_obs = obs
                obs = self._observation(self.vector.reset(options={"reset_mask": ended})[0])
        return Step(
            obs=obs,
            reward=np.asarray(reward, np.float32),
            terminated=np.asarray(terminated, np.bool_) & valid,
            truncated=np.asarray(truncated, np.bool_) & valid,
            valid=valid,
            final_obs=final_obs,
        )

    def close(self) -> None:
        """Closes the environments."""
        self.vector.close()

    def _observation(self, obs: Any) -> Array:
        # Always a copy: vector environments may write the next step into the same array.
        return np.array(obs, dtype=self._obs_dtype, order="C")

    def _final(self, info: dict[str, Any], ended: Flags, obs: Array) -> Array:
        if "final_obs" not in info:
            raise DiagnosticError.of(
                "RLG604",
                "the environment says SAME_STEP autoreset and gives no `final_obs` in its infos",
                hint="a wrapper that drops infos does this; a truncated episode is valued by its `final_obs`",
            )
        final = np.array(obs)
        rows = info["final_obs"]
        for index in np.flatnonzero(ended):
            final[index] = rows[index]
        return final


def cores(env: Any) -> frozenset[int]:
    """Identities of what is behind the wrappers and batches of `env`; sharing one, two disturb each other."""
    env = env.vector if isinstance(env, Environments) else env
    bare = getattr(env, "unwrapped", env)
    inner = getattr(bare, "envs", ()) if isinstance(bare, VectorEnv) else ()
    return frozenset([id(bare), *(id(getattr(each, "unwrapped", each)) for each in inner)])


def _batch_of_one(env: gymnasium.Env[Any, Any]) -> VectorEnv[Any, Any, Any]:
    if not isinstance(env, gymnasium.Env):
        raise DiagnosticError.of(
            "RLG604",
            f"a {type(env).__name__} is not an environment",
            hint="give a gymnasium environment or vector environment, or the id of a registered one",
        )
    return SyncVectorEnv([lambda: env], autoreset_mode=AutoresetMode.SAME_STEP)


def _autoreset_mode(env: VectorEnv[Any, Any, Any]) -> AutoresetMode:
    stated = env.metadata.get("autoreset_mode")
    try:
        return AutoresetMode(stated)
    except ValueError:
        raise DiagnosticError.of(
            "RLG604",
            "the vector environment does not say how it resets",
            hint="set its metadata['autoreset_mode'] to one of gymnasium.vector.AutoresetMode",
        ) from None
