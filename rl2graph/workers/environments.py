"""Environments as the loop wants them: batched, in our dtypes, with every way of resetting made one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv

from rl2graph.agents.base import Flags, Step
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.trees import Tree, map_tree
from rl2graph.spaces import Space, action_space, observation_space
from rl2graph.workers.conversion import put_row, reader, writer
from rl2graph.workers.faults import broke_off, misfit, mismatch


class Environments:
    """A vector environment behind one reading of its steps.

    Gymnasium's three autoreset modes come out alike: `Step.obs` is what to act on next, `Step.final_obs`
    the last observation of the episodes that ended, and `Step.valid` is False for the extra step in which a
    NEXT_STEP environment only resets. Observations become float32, uint8 images or int64; choices count from
    0 and reach the environment in its own dtype and axes; Box actions are clipped to the bounds here and
    nowhere else. Observations and actions of Dict spaces are mappings, and so are those of Tuple spaces, with
    the names `"0"`, `"1"`, ….

    Args:
        env: a vector environment, or a single one (which becomes a batch of one).
    """

    def __init__(self, env: VectorEnv[Any, Any, Any] | gymnasium.Env[Any, Any]) -> None:
        self.vector = env if isinstance(env, VectorEnv) else _batch_of_one(env)
        self.num_envs = int(self.vector.num_envs)
        self.observation_space: Space = observation_space(self.vector.single_observation_space)
        self.action_space: Space = action_space(self.vector.single_action_space)
        self.mode = _autoreset_mode(self.vector)
        self._read = reader(self.vector.single_observation_space)
        self._shape = (self.num_envs, *(self.vector.single_observation_space.shape or ()))
        self._write = writer(self.vector.single_action_space)
        self._ended: Flags = np.zeros(self.num_envs, np.bool_)
        self._all_valid: Flags = np.ones(self.num_envs, np.bool_)
        self._broken = False

    @property
    def cores(self) -> frozenset[int]:
        """As `cores` says."""
        return cores(self.vector)

    def reset(self, seed: int | None = None) -> Tree:
        """First observations `[B, ...]`; slot i is seeded with `seed + i`.

        Raises:
            DiagnosticError: RLG604 where the environment raises, or gives what its space does not declare.
        """
        try:
            obs, _ = self.vector.reset(seed=seed)
            wrong = mismatch(self.vector.observation_space, obs)
            if wrong is not None:
                raise misfit(self.vector, "reset", wrong)
            first = self._read(obs)
        except DiagnosticError:
            raise
        except Exception as error:
            self._broken = True
            raise broke_off(error, self.vector, "reset") from error
        self._ended = np.zeros(self.num_envs, np.bool_)
        return first

    def step(self, action: Tree) -> Step:
        """Steps every environment with `action`: choices `[B]` or `[B, n]` (from 0), floats `[B, *shape]`
        (unclipped), or a mapping of such.

        Raises:
            DiagnosticError: RLG604 where an environment raises, or gives what its space does not declare.
        """
        written = self._write(action)
        try:
            return self._stepped(written)
        except DiagnosticError:
            raise
        except Exception as error:
            self._broken = True
            raise broke_off(error, self.vector, "step") from error

    def _stepped(self, action: Any) -> Step:
        obs, reward, terminated, truncated, info = self.vector.step(action)
        obs = self._read(obs)
        if isinstance(obs, np.ndarray) and obs.shape != self._shape:
            raise misfit(self.vector, "step", str(mismatch(self.vector.observation_space, obs)))
        reward = np.asarray(reward, np.float32)
        if reward.shape != self._all_valid.shape:
            wrong = f"the rewards have shape {reward.shape}, and {self._all_valid.shape} is one for each"
            raise misfit(self.vector, "step", wrong)
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
                obs = self._read(self.vector.reset(options={"reset_mask": ended})[0])
        return Step(
            obs=obs,
            reward=reward,
            terminated=np.asarray(terminated, np.bool_) & valid,
            truncated=np.asarray(truncated, np.bool_) & valid,
            valid=valid,
            final_obs=final_obs,
        )

    def close(self) -> None:
        """Closes the environments; of those that broke off, what can be closed."""
        if not self._broken:
            self.vector.close()
            return
        bare = self.vector.unwrapped
        with suppress(Exception):
            # Else it would wait for answers that no process is left to give.
            self.vector.close(**({"terminate": True} if isinstance(bare, AsyncVectorEnv) else {}))
        for process in getattr(bare, "processes", ()):
            process.terminate()
        bare.closed = True  # or closing would be tried once more at exit

    def check_fits(self, model: Any) -> None:
        """Raises RLG607 where these are not the spaces that `model` was made for; bounds may differ."""
        spaces = (("observations", self.observation_space), ("actions", self.action_space))
        kept = (getattr(model, "observation_space", None), getattr(model, "action_space", None))
        for (what, here), there in zip(spaces, kept, strict=True):
            if there is not None and str(here) != str(there):
                raise DiagnosticError.of(
                    "RLG607",
                    f"the environment's {what} are {here}, and the model was made for {there}",
                    hint="compile the spec for this environment, or hand in the one that it was compiled for",
                )

    def _final(self, info: dict[str, Any], ended: Flags, obs: Tree) -> Tree:
        """The true last observations in the rows where an episode ended, those of `obs` in others."""
        if "final_obs" not in info:
            raise DiagnosticError.of(
                "RLG604",
                "the environment says SAME_STEP autoreset and gives no `final_obs` in its infos",
                hint="a wrapper that drops infos does this; a truncated episode is valued by its `final_obs`",
            )
        rows = info["final_obs"]
        if isinstance(rows, Mapping | tuple):  # a vector environment of its own kind may batch them
            return self._read(rows)
        final = map_tree(np.copy, obs)
        for index in np.flatnonzero(ended):
            put_row(final, int(index), self._read(rows[index]))
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
            hint=_remedy(env),
        )
    return SyncVectorEnv([lambda: env], autoreset_mode=AutoresetMode.SAME_STEP)


def _remedy(given: Any) -> str:
    if isinstance(given, str):
        return f'an id is made into one by `rl2graph.workers.registry.make("{given}", 8)`'
    if isinstance(given, type):
        return f"give an instance, `{given.__name__}(…)`, not the class"
    return "give a gymnasium environment or vector environment"


def _autoreset_mode(env: VectorEnv[Any, Any, Any]) -> AutoresetMode:
    stated = env.metadata.get("autoreset_mode")
    if stated is not None:
        # In gymnasium 1.1 all copies of a class share their metadata, and the latest batch has the word.
        stated = getattr(env.unwrapped, "autoreset_mode", stated)
    try:
        return AutoresetMode(stated)
    except ValueError:
        raise DiagnosticError.of(
            "RLG604",
            "the vector environment does not say how it resets",
            hint="set its metadata['autoreset_mode'] to one of gymnasium.vector.AutoresetMode",
        ) from None
