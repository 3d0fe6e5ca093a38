"""The wrappers that `[env]` switches on around single environments: gymnasium's own, where it has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import (
    AtariPreprocessing,
    FrameStackObservation,
    RescaleAction,
    TimeLimit,
    TransformObservation,
)

from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Image, observation_space
from rl2graph.workers.env_config import EnvConfig

Env = gymnasium.Env[Any, Any]


def arguments(config: EnvConfig, spec: Any) -> dict[str, Any]:
    """What `gymnasium.make` has to be told for these wrappers.

    Raises:
        DiagnosticError: RLG607 for Atari's preprocessing of something else.
    """
    found: dict[str, Any] = {}
    if config.atari:
        entry_point = spec.entry_point
        if not (isinstance(entry_point, str) and entry_point.startswith("ale_py")):
            raise DiagnosticError.of(
                "RLG607",
                f"`env.atari` is for games of the Arcade Learning Environment, which `{spec.id}` is not",
            )
        found["frameskip"] = 1
    if config.time_limit is not None:
        found["max_episode_steps"] = -1  # none of the registered one: ours counts the agent's steps
    return found


def wrapped(env: Env, config: EnvConfig) -> Env:
    """`env` in the wrappers that are on, innermost first: Atari, time limit, actions, frames, mask.

    Raises:
        DiagnosticError: RLG607 where one does not go with the environment's spaces.
    """
    if config.atari:
        # With an axis of channels, a single frame is an image too.
        env = AtariPreprocessing(
            env, terminal_on_life_loss=config.terminal_on_life_loss, grayscale_newaxis=True
        )
    if config.time_limit is not None:
        env = TimeLimit(env, config.time_limit)
    if config.rescale_action:
        env = _rescaled(env)
    if config.frame_stack is not None:
        env = _stacked(env, config.frame_stack)
    return ActionMask(env) if config.action_mask else env


class MaskError(DiagnosticError):
    """RLG607 about a mask; made anew of itself, as where gymnasium raises again what another process did."""

    def __init__(self, given: Any, hint: str | None = None) -> None:
        if isinstance(given, str):
            given = DiagnosticError.of("RLG607", given, hint=hint)
        super().__init__(getattr(given, "diagnostics", given))


class ActionMask(gymnasium.Wrapper[Any, Any, Any, Any]):
    """The observation becomes `{observation, action_mask}`, the mask from `info["action_mask"]`.

    Args:
        env: its choices are Discrete, MultiDiscrete or MultiBinary; a mask has one element for each choice.

    Raises:
        DiagnosticError: RLG607 for other actions, and where infos hold no such mask.
    """

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        match env.action_space:
            case spaces.Discrete():
                choices = int(env.action_space.n)
                self._groups = [0]
            case spaces.MultiDiscrete():
                counts = env.action_space.nvec.reshape(-1)
                choices = int(counts.sum())
                self._groups = [0, *np.cumsum(counts)[:-1].tolist()]
            case spaces.MultiBinary():
                choices = int(np.prod(env.action_space.shape))
                self._groups = []  # zero is always left
            case space:
                raise DiagnosticError.of(
                    "RLG607", f"`env.action_mask` is for choices, and the actions are {space}"
                )
        self._choices = choices
        self.observation_space = spaces.Dict(
            [("observation", env.observation_space), ("action_mask", spaces.MultiBinary(choices))]
        )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        obs, info = self.env.reset(seed=seed, options=options)
        return self._joined(obs, info, last=False), info

    def step(self, action: Any) -> Any:
        obs, reward, terminated, truncated, info = self.env.step(action)
        joined = self._joined(obs, info, last=terminated or truncated)
        return joined, reward, terminated, truncated, info

    def _joined(self, obs: Any, info: dict[str, Any], *, last: bool) -> dict[str, Any]:
        mask = np.asarray(info.get("action_mask", ())).reshape(-1)
        if mask.shape != (self._choices,):
            given = f"one of {mask.size} elements" if "action_mask" in info else "none"
            raise MaskError(
                f'`env.action_mask` wants `info["action_mask"]` of {self._choices} elements at each step, and'
                f" the environment gives {given}"
            )
        wrong = [each for each in mask.tolist() if not (each == 0 or each == 1)]
        if wrong:
            raise MaskError(
                '`info["action_mask"]` says of each choice whether it is allowed, 1 or 0, and the environment'
                f" gives {wrong[0]!r}"
            )
        allowed = mask.astype(np.int8)
        if self._groups and not last and not np.maximum.reduceat(allowed, self._groups).all():
            raise MaskError(
                '`info["action_mask"]` allows nothing where an action is due',
                "end the episode there, or allow what does nothing",
            )
        return {"observation": obs, "action_mask": allowed}


def _rescaled(env: Env) -> Env:
    space = env.action_space
    if not isinstance(space, spaces.Box):
        raise DiagnosticError.of("RLG607", f"`env.rescale_action` is for Box actions, and these are {space}")
    if space.dtype.kind != "f":
        raise DiagnosticError.of(
            "RLG607",
            f"`env.rescale_action` is for Boxes of floats, and the actions are whole numbers: {space}",
            hint="leave it off: whole numbers are choices already",
        )
    if not (np.isfinite(space.low).all() and np.isfinite(space.high).all()):
        raise DiagnosticError.of("RLG607", f"`env.rescale_action` needs finite bounds, not {space}")
    return RescaleAction(env, np.float32(-1.0), np.float32(1.0))


def _stacked(env: Env, count: int) -> Env:
    stack = FrameStackObservation(env, count)
    space, channelled = _channelled(env.observation_space, stack.observation_space, count)
    return TransformObservation(stack, channelled, space)


def _channelled(
    one: spaces.Space[Any], stack: spaces.Space[Any], count: int
) -> tuple[spaces.Space[Any], Callable[[Any], Any]]:
    """The space of a stack in which images are stacked along their channels, and the function into it."""
    if isinstance(one, spaces.Dict) and isinstance(stack, spaces.Dict):
        parts = {name: _channelled(part, stack.spaces[name], count) for name, part in one.spaces.items()}
        joined = spaces.Dict([(name, space) for name, (space, _) in parts.items()])
        return joined, lambda obs: {name: turn(obs[name]) for name, (_, turn) in parts.items()}
    if isinstance(one, spaces.Tuple) and isinstance(stack, spaces.Tuple):
        items = [_channelled(part, stack.spaces[i], count) for i, part in enumerate(one.spaces)]
        return spaces.Tuple([space for space, _ in items]), lambda obs: tuple(
            turn(part) for part, (_, turn) in zip(obs, items, strict=True)
        )
    if not (isinstance(one, spaces.Box) and one.dtype == np.uint8 and len(one.shape) in (2, 3)):
        return stack, lambda obs: obs
    assert isinstance(stack, spaces.Box)
    layout = observation_space(one) if len(one.shape) == 3 else None
    channels_last = isinstance(layout, Image) and layout.channels_last
    frame = (one.shape[-1], *one.shape[:-1]) if channels_last else one.shape
    height, width = frame[-2:]
    shape = (count * math.prod(frame[:-2]), height, width)

    def turn(frames: Any) -> Any:
        return np.reshape(np.moveaxis(frames, -1, 1) if channels_last else frames, shape)

    space = spaces.Box(turn(stack.low), turn(stack.high), shape, np.uint8)
    # What channels are is told by the shape alone; so many of them would be taken for a width.
    if observation_space(space) != Image(shape):
        raise DiagnosticError.of(
            "RLG607", f"`env.frame_stack` of {count} makes more channels of {one} than it is wide"
        )
    return space, turn
