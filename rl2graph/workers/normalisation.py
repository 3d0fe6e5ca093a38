"""Observations and rewards on one scale: running moments that are learned with the run and saved with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from rl2graph.agents.base import Array, Flags, Step
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.trees import Tree
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.finite import check_rewards, non_finite
from rl2graph.workers.moments import Floats, Moments
from rl2graph.workers.registry import environments_of

Path = tuple[str, ...]

_RETURN = "return"  # the name of the return's moments
_SPREAD = "normalising would spread it over all that follows"


class Scaling(Protocol):
    """What stands between environments and agent: `Normalisation`, or its frozen view."""

    def reset(self, obs: Tree) -> Tree: ...
    def step(self, step: Step) -> Step: ...


class Normalisation:
    """Normalises what the agent sees and learns from; `Step.raw_reward` keeps the environments' own.

    Observations: every part whose space is a Box of floats becomes `clip((x - mean) / sqrt(var + eps))`, over
    the observations that an action was taken for, each counted once in every autoreset mode. Final
    observations are normalised by the same moments and not counted. Images, choices, other whole numbers and
    a part called `action_mask` stay as they are.

    Rewards: clipped to `[-clip_rewards, clip_rewards]`; then divided by the standard deviation of the
    discounted return `R_t = gamma * R_{t-1} + r_t`, which starts from 0 in each episode (reward scaling in
    Engstrom et al. 2020, arXiv:2005.12729), and clipped again.

    Args:
        env: where the steps come from: what `MaxStepWorker` takes.
        observations, rewards: what is normalised.
        clip_rewards: bound of the rewards, before anything else; None for none.
        gamma: discount of the return, the algorithm's.
        observation_clip, reward_clip: bounds of what is normalised.
        epsilon: added to variances.
    """

    def __init__(
        self,
        env: Any,
        *,
        observations: bool = True,
        rewards: bool = False,
        clip_rewards: float | None = None,
        gamma: float = 0.99,
        observation_clip: float = 10.0,
        reward_clip: float = 10.0,
        epsilon: float = 1e-8,
    ) -> None:
        handed, env = env, environments_of(env)
        self._gamma, self._epsilon, self._bound = gamma, epsilon, clip_rewards
        self._observation_clip, self._reward_clip = observation_clip, reward_clip
        # There, what ended is seen once more before the reset, and no action that is taken for it counts.
        self._seen_twice = env.mode is AutoresetMode.NEXT_STEP
        self._moments: dict[Path, Moments] = {}
        if observations:
            space = env.vector.single_observation_space
            self._moments = {path: Moments(shape) for path, shape in _float_parts(space)}
        self._returns = Moments(()) if rewards else None
        self._running: Floats = np.zeros(env.num_envs)
        if isinstance(handed, str):
            env.close()  # it was made for its spaces

    @classmethod
    def of(cls, env: Any, config: EnvConfig, gamma: float | None) -> Normalisation | None:
        """What a run's `[env]` asks for, None for nothing.

        Raises:
            DiagnosticError: RLG607 for normalised rewards of an algorithm that has no discount.
        """
        if config.normalise_rewards and gamma is None:
            raise DiagnosticError.of(
                "RLG607", "`env.normalise_rewards` discounts by the algorithm's `gamma`, and it has none"
            )
        if not (config.normalise_observations or config.normalise_rewards or config.clip_rewards):
            return None
        return cls(
            env,
            observations=config.normalise_observations,
            rewards=config.normalise_rewards,
            clip_rewards=config.clip_rewards,
            gamma=1.0 if gamma is None else gamma,
            observation_clip=config.observation_clip,
            reward_clip=config.reward_clip,
            epsilon=config.normalisation_epsilon,
        )

    def reset(self, obs: Tree) -> Tree:
        """First observations of all environments, counted and normalised.

        Raises:
            DiagnosticError: RLG610 where one is not finite; nothing is counted then.
        """
        self._check(obs)
        self._running[:] = 0.0
        self._count(obs, None)
        return self._normalised(obs)

    def step(self, step: Step) -> Step:
        """A step counted and normalised.

        Raises:
            DiagnosticError: RLG610 where an observation or reward is not finite; nothing is counted then.
        """
        ended: Flags = step.terminated | step.truncated
        self._check(step.obs)
        if step.final_obs is not None and step.final_obs is not step.obs:
            self._check(step.final_obs, ended)
        scaling = self._bound is not None or self._returns is not None
        if scaling:
            check_rewards(step)
        self._count(step.obs, ~ended if self._seen_twice and ended.any() else None)
        return replace(step, **self._views(step), **(self._scaled(step, ended) if scaling else {}))

    def frozen(self) -> Scaling:
        """The same moments for evaluation: nothing is counted, and rewards stay the environment's."""
        return _Frozen(self)

    def arrays(self) -> dict[str, Array]:
        """The moments by name, for a checkpoint; returns of unfinished episodes end with their episodes."""
        return {
            f"{name}.{key}": array
            for name, moments in self._named().items()
            for key, array in moments.arrays().items()
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Goes on from saved moments.

        Raises:
            DiagnosticError: RLG608 where they are of other observations.
        """
        check_switches(self._named(), arrays)
        try:
            for name, moments in self._named().items():
                moments.load({key: arrays[f"{name}.{key}"] for key in ("count", "mean", "squares")})
        except (KeyError, ValueError) as error:
            raise DiagnosticError.of(
                "RLG608", f"the checkpoint's normalisation does not fit: {_words(error)}"
            ) from None
        self._running[:] = 0.0

    def _named(self) -> dict[str, Moments]:
        parts = {_name(path): moments for path, moments in self._moments.items()}
        return parts if self._returns is None else {**parts, _RETURN: self._returns}

    def _views(self, step: Step) -> dict[str, Tree]:
        """The step's observations, normalised."""
        if not self._moments:
            return {}
        obs = self._normalised(step.obs)
        if step.final_obs is None:
            return {"obs": obs}
        same = step.final_obs is step.obs
        return {"obs": obs, "final_obs": obs if same else self._normalised(step.final_obs)}

    def _normalised(self, obs: Tree) -> Tree:
        for path, moments in self._moments.items():
            part = (_part(obs, path) - moments.mean) / moments.deviation(self._epsilon)
            obs = _replaced(obs, path, _clipped(part, self._observation_clip).astype(np.float32))
        return obs

    def _count(self, obs: Tree, rows: Flags | None) -> None:
        for path, moments in self._moments.items():
            part = _part(obs, path)
            moments.update(part if rows is None else part[rows])

    def _scaled(self, step: Step, ended: Flags) -> dict[str, Array]:
        """The step's rewards, clipped and normalised, and the environments' own."""
        reward = step.reward.astype(np.float64)
        if self._bound is not None:
            reward = _clipped(reward, self._bound)
        if self._returns is not None:
            self._running = np.where(step.valid, self._gamma * self._running + reward, 0.0)
            self._returns.update(self._running[step.valid])
            reward = _clipped(reward / self._returns.deviation(self._epsilon), self._reward_clip)
            self._running[ended] = 0.0
        raw = step.reward if step.raw_reward is None else step.raw_reward
        return {"reward": reward.astype(np.float32), "raw_reward": raw}

    def _check(self, obs: Tree, rows: Flags | None = None) -> None:
        for path in self._moments:
            part = _part(obs, path)
            if not np.isfinite(part if rows is None else part[rows]).all():
                finite = np.isfinite(part).reshape(len(part), -1).all(axis=1)
                slots = np.flatnonzero(~finite if rows is None else ~finite & rows)
                what = f"part `{'.'.join(path)}` of the observation" if path else "the observation"
                raise non_finite(what, int(slots[0]), _SPREAD)


def check_switches(wanted: Iterable[str], arrays: Mapping[str, Array]) -> None:
    """Raises RLG608 where moments that are `wanted` were not saved, or others were: a setting was changed."""
    names, saved = set(wanted), {name.rpartition(".")[0] for name in arrays}
    for setting, now, then in (
        ("normalise_observations", names - {_RETURN}, saved - {_RETURN}),
        ("normalise_rewards", names & {_RETURN}, saved & {_RETURN}),
    ):
        if bool(now) != bool(then):
            raise DiagnosticError.of(
                "RLG608",
                f"`env.{setting}` is {'on' if now else 'off'}, and the checkpoint was saved with it"
                f" {'on' if then else 'off'}",
                hint=f"what was learned goes with the moments: put `{setting}` in config.toml back",
            )


class _Frozen:
    def __init__(self, whole: Normalisation) -> None:
        self._whole = whole

    def reset(self, obs: Tree) -> Tree:
        return self._whole._normalised(obs)

    def step(self, step: Step) -> Step:
        return replace(step, **self._whole._views(step))


def _words(error: KeyError | ValueError) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _clipped(values: Floats, bound: float) -> Floats:
    # A third of the time that `np.clip` takes on a batch.
    clipped: Floats = np.minimum(np.maximum(values, -bound), bound)
    return clipped


def _float_parts(space: Any, path: Path = ()) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """Paths and shapes of what can be normalised."""
    if isinstance(space, spaces.Dict):
        for name, part in space.spaces.items():
            yield from _float_parts(part, (*path, str(name)))
    elif isinstance(space, spaces.Tuple):
        for index, part in enumerate(space.spaces):
            yield from _float_parts(part, (*path, str(index)))
    elif isinstance(space, spaces.Box) and space.dtype.kind == "f" and path[-1:] != ("action_mask",):
        yield path, space.shape


def _part(tree: Tree, path: Path) -> Array:
    for name in path:
        tree = tree[name]
    part: Array = tree
    return part


def _replaced(tree: Tree, path: Path, part: Array) -> Tree:
    if not path:
        return part
    return {name: _replaced(old, path[1:], part) if name == path[0] else old for name, old in tree.items()}


def _name(path: Path) -> str:
    return "observation" + "".join(f"[{name!r}]" for name in path)
