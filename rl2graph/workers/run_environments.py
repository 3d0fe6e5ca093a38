"""The environments of a run, to train and to evaluate in, and the normalisation of what they give."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.config import Resolved
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.environments import Environments, cores
from rl2graph.workers.normalisation import Normalisation, check_switches
from rl2graph.workers.registry import make
from rl2graph.workers.runfolder import RunFolder

EVALUATION_SLOTS = 10


def run_normalisation(
    env: Environments, resolved: Resolved, saved: Checkpoint | None = None
) -> Normalisation | None:
    """The run's normalisation of what `env` gives, as the checkpoint left it; None where it has none."""
    normalisation = Normalisation.of(env, resolved.env, getattr(resolved.algorithm, "gamma", None))
    if saved is not None and normalisation is None:
        check_switches((), saved.normalisation)
    elif saved is not None and normalisation is not None:
        normalisation.load(saved.normalisation)
    return normalisation


def environments(
    handed: Any,
    resolved: Resolved,
    folder: RunFolder,
    num_envs: int,
    owned: ExitStack,
    *,
    evaluation: bool = False,
) -> Environments:
    """The environments handed in, or `num_envs` of what the run names."""
    if handed is not None:
        return handed if isinstance(handed, Environments) else Environments(handed)
    if not resolved.run.env:
        raise DiagnosticError.of(
            "RLG604",
            f"the environment of `{folder.path}` was handed in from Python",
            hint="hand it in again as `env`",
        )
    return made(resolved.run.env, num_envs, resolved.env, owned, evaluation=evaluation)


def evaluation_environments(
    resolved: Resolved, handed: Any, env: Environments, owned: ExitStack
) -> Environments | None:
    """What the run is evaluated in: `handed` or, without it, environments like those trained in, `env`."""
    config = resolved.run
    slots = min(EVALUATION_SLOTS, max(config.eval_episodes, config.final_episodes))
    if handed is not None and not isinstance(handed, str):
        if env.cores & cores(handed):
            raise DiagnosticError.of(
                "RLG607",
                "`eval_env` is the environment that is trained in: evaluating would break off its episodes",
                hint="hand in another one, or none",
            )
        return _alike(handed if isinstance(handed, Environments) else Environments(handed), env)
    env_id = handed or config.env
    if not (env_id and slots):
        return None
    return _alike(made(env_id, slots, resolved.env, owned, evaluation=True), env)


def _alike(found: Environments, env: Environments) -> Environments:
    """`found`; RLG607 where it has other spaces than `env`, which is trained in."""
    if (found.observation_space, str(found.action_space)) != (env.observation_space, str(env.action_space)):
        raise DiagnosticError.of(
            "RLG607",
            f"`eval_env` has the spaces {found.observation_space} and {found.action_space}, and what is"
            f" trained in has {env.observation_space} and {env.action_space}",
            hint="what is handed in is used as it is: wrap it as `[env]` wraps what is trained in",
        )
    return found


def probe(env_id: str, config: EnvConfig, owned: ExitStack) -> Environments:
    """One copy, for its spaces."""
    if config.vectorization == "async":
        config = replace(config, vectorization="sync")
    return made(env_id, 1, config, owned)


def made(
    env_id: str, num_envs: int, config: EnvConfig, owned: ExitStack, *, evaluation: bool = False
) -> Environments:
    """`num_envs` copies of what is registered, closed when `owned` is."""
    env = make(env_id, num_envs, config, evaluation=evaluation)
    owned.callback(env.close)
    return env
