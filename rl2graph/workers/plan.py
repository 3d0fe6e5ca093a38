"""Runs that are ready to start: everything that can be wrong with their input is found here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rl2graph.agents.base import Agent
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import checkpoint as checkpoints
from rl2graph.workers.building import build_agent, compile_model
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.config import Resolved, read_config, resolve
from rl2graph.workers.environments import Environments
from rl2graph.workers.families import family_defaults
from rl2graph.workers.registry import find_spec, make
from rl2graph.workers.runfolder import RunFolder, check_free, free_name

EVALUATION_SLOTS = 10


@dataclass(frozen=True)
class Plan:
    """A run that is ready to start: everything that could be wrong with its input was looked at."""

    path: Path
    resolved: Resolved
    env: Environments
    eval_env: Environments | None
    agent: Agent
    spec_text: str
    resumed: Checkpoint | None


def plan_new(
    spec: Any,
    env: Any,
    algo: str | None,
    run: str | Path | None,
    config: Any,
    flags: dict[str, Any],
    settings: Sequence[str],
    params: Mapping[str, Any] | None,
    eval_env: Any,
) -> Plan:
    path = Path(run) if run is not None else None
    if path is not None:
        check_free(path)
    file = read_config(Path(config)) if isinstance(config, str | Path) else dict(config or {})
    algo = (algo or str(file.get("run", {}).get("algo", "ppo"))).lower()
    if isinstance(env, str):
        flags = {**flags, "env": env}
    elif env is not None:
        env = env if isinstance(env, Environments) else Environments(env)
        flags = {**flags, "env": "", "num_envs": env.num_envs}
    layers = [file, {"run": flags}]
    # Twice: which family's defaults lie underneath hangs on the environment that the other layers name.
    named = resolve(algo=algo, layers=layers, settings=settings).run.env
    family = family_defaults(find_spec(named)) if named else ("", {})
    resolved = resolve(algo=algo, layers=[_tables_of(family[1], algo), *layers], settings=settings)
    if env is None and not named:
        raise DiagnosticError.of("RLG604", "no environment is given", hint="name one: `--env CartPole-v1`")
    if spec is None:
        raise DiagnosticError.of("RLG601", "no spec is given")
    envs = env if isinstance(env, Environments) else make(named, resolved.run.num_envs)
    try:
        model = compile_model(spec, envs, algo=algo, seed=resolved.run.seed, params=params)
        agent = build_agent(model, resolved)
        others = _evaluation_environments(resolved, eval_env)
    except BaseException:
        envs.close()
        raise
    if path is None:
        path = free_name(Path("runs"), _stem(spec, named, resolved.run.seed))
    return Plan(path, resolved, envs, others, agent, _spec_text(model), None)


def plan_resumed(
    spec: Any, env: Any, run: str | Path | None, steps: int | None, given: Mapping[str, Any], eval_env: Any
) -> Plan:
    if run is None:
        raise DiagnosticError.of("RLG605", "no run folder is given to resume", hint="name it with --run")
    for name, value in given.items():
        if value is not None:
            raise DiagnosticError.of(
                "RLG605", f"`{name}` cannot be given when a run is resumed: the run's own is used"
            )
    folder = RunFolder.open(Path(run))
    text = folder.read(folder.spec)
    named = isinstance(spec, Path) or (isinstance(spec, str) and spec.endswith(".rl2"))
    if named and folder.read(Path(spec)) != text:
        raise DiagnosticError.of(
            "RLG605",
            f"`{spec}` is not the spec that `{run}` was started with",
            hint=f"the run's own is {folder.spec}; another spec wants another run",
        )
    resolved = Resolved.from_toml(folder.read(folder.config), str(folder.config))
    if isinstance(env, str) and env != resolved.run.env:
        raise DiagnosticError.of("RLG605", f"`{run}` was started in `{resolved.run.env}`, not in `{env}`")
    if steps is not None:
        resolved = replace(resolved, run=replace(resolved.run, steps=steps))
    saved = load_checkpoint(folder, "last")
    handed = env is not None and not isinstance(env, str)
    envs = environments(env if handed else environment_id(resolved, folder), resolved.run.num_envs)
    try:
        model = compile_model(folder.spec, envs, algo=resolved.run.algo, seed=resolved.run.seed)
        agent = build_agent(model, resolved)
        saved.restore(agent)
        others = _evaluation_environments(resolved, eval_env)
    except BaseException:
        envs.close()
        raise
    return Plan(folder.path, resolved, envs, others, agent, text, saved)


def load_checkpoint(folder: RunFolder, which: str) -> Checkpoint:
    if which in ("last", "best"):
        return checkpoints.load(checkpoints.follow(folder.path / which, folder.checkpoints))
    if not which.isdecimal() or not (folder.checkpoints / which).is_dir():
        raise DiagnosticError.of(
            "RLG608",
            f"`{folder.path}` has no checkpoint `{which}`",
            hint="`last`, `best`, or a step that it saved",
        )
    return checkpoints.load(folder.checkpoints / which)


def environments(env: Any, num_envs: int) -> Environments:
    if isinstance(env, str):
        return make(env, num_envs)
    return env if isinstance(env, Environments) else Environments(env)


def _evaluation_environments(resolved: Resolved, eval_env: Any) -> Environments | None:
    config = resolved.run
    episodes = max(config.eval_episodes, config.final_episodes)
    if not episodes:
        return None
    if eval_env is not None:
        return _environments(eval_env, min(episodes, EVALUATION_SLOTS))
    return make(config.env, min(episodes, EVALUATION_SLOTS)) if config.env else None


def environment_id(resolved: Resolved, folder: RunFolder) -> str:
    if not resolved.run.env:
        raise DiagnosticError.of(
            "RLG604",
            f"the environment of `{folder.path}` was handed in from Python",
            hint="hand it in again as `env`",
        )
    return resolved.run.env


def _tables_of(family: Mapping[str, Mapping[str, Any]], algo: str) -> dict[str, Mapping[str, Any]]:
    return {name: table for name, table in family.items() if name in ("run", algo)}


def _spec_text(model: Any) -> str:
    return str(model.spec_text)


def _stem(spec: Any, env_id: str, seed: int) -> str:
    name = Path(spec).stem if isinstance(spec, Path) or str(spec).endswith(".rl2") else "spec"
    where = re.sub(r"[^A-Za-z0-9.-]+", "-", env_id) or "env"
    return f"{name}-{where}-s{seed}"
