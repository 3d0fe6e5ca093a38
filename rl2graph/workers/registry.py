"""Vector environments by id."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from functools import partial
from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode, VectorEnv

from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import explained, find_spec
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.environments import Environments
from rl2graph.workers.wrappers import arguments, wrapped


def make(
    env_id: str,
    num_envs: int = 1,
    config: EnvConfig | None = None,
    *,
    evaluation: bool = False,
    **kwargs: Any,
) -> Environments:
    """`num_envs` copies of a registered environment, wrapped and vectorised as `config` says.

    Args:
        env_id: what is registered.
        num_envs: copies.
        config: None for plain copies, stepped one after another in this process.
        evaluation: without what is for training alone.
        **kwargs: for the environment's constructor.

    Raises:
        DiagnosticError: RLG604 or RLG611 where they cannot be made, RLG607 where a setting does not go with
            them, RLG502 where their spaces are not served.
    """
    config = config or EnvConfig()
    if evaluation:
        config = replace(config, terminal_on_life_loss=False)
    spec = find_spec(env_id)
    if config.vectorization == "vector_entry_point":
        vector = _own_vector_class(env_id, spec, num_envs, config, kwargs)
    else:
        made = partial(_prepared, config=config, maker=os.getpid())
        kwargs = {**arguments(config, spec), **kwargs}
        with explained(env_id):
            if config.action_mask:
                # Whether there are masks shows in a reset; in a process of its own it would show too late.
                probe = made(gymnasium.make(env_id, **kwargs))
                probe.reset()
                probe.close()
            vector = gymnasium.make_vec(
                env_id,
                num_envs=num_envs,
                vectorization_mode=config.vectorization,
                vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
                wrappers=[made],  # type: ignore[list-item]
                **kwargs,
            )
    try:
        return Environments(vector)
    except DiagnosticError:
        vector.close()
        raise


def environments_of(env: Any) -> Environments:
    """`Environments` of what is one already, an id, or a gymnasium environment or vector environment.

    Raises:
        DiagnosticError: RLG604 for anything else.
    """
    if isinstance(env, str):
        return make(env)
    return env if isinstance(env, Environments) else Environments(env)


def _prepared(env: gymnasium.Env[Any, Any], *, config: EnvConfig, maker: int) -> gymnasium.Env[Any, Any]:
    if os.getpid() != maker:
        # Ctrl-C reaches every process of a terminal, and the run decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return wrapped(env, config)


def _own_vector_class(
    env_id: str, spec: Any, num_envs: int, config: EnvConfig, kwargs: dict[str, Any]
) -> VectorEnv[Any, Any, Any]:
    if spec.vector_entry_point is None:
        raise DiagnosticError.of(
            "RLG607",
            f"`env.vectorization` is vector_entry_point, and `{env_id}` has no vector class of its own",
            hint="leave it at sync",
        )
    if config.time_limit is not None:
        kwargs = {"max_episode_steps": config.time_limit, **kwargs}
    with explained(env_id):
        return gymnasium.make_vec(
            env_id, num_envs=num_envs, vectorization_mode="vector_entry_point", **kwargs
        )
