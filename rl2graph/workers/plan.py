"""Runs that are ready to start: everything that can be wrong with their input is found here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rl2graph.agents.base import Agent
from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import find_spec
from rl2graph.model.compile import parameter_values
from rl2graph.workers import checkpoint as checkpoints
from rl2graph.workers.building import build_agent, check_learns, check_memory, chosen_algorithm, compile_model
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.config import (
    Layer,
    Resolved,
    check_tables,
    env_settings,
    read_config,
    resolve,
    stated,
)
from rl2graph.workers.environments import Environments
from rl2graph.workers.families import family_defaults
from rl2graph.workers.normalisation import Normalisation
from rl2graph.workers.run_environments import (
    environments,
    evaluation_environments,
    made,
    probe,
    run_normalisation,
)
from rl2graph.workers.runfolder import RunFolder, check_free, free_name


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `train` was asked for; its docstring says what each means."""

    spec: Any
    env: Any
    algo: str | None
    steps: int | None
    seed: int | None
    run: Path | None
    config: str | Path | Mapping[str, Mapping[str, Any]] | None
    settings: Sequence[str]
    params: Mapping[str, Any] | None
    eval_env: Any


@dataclass(frozen=True)
class Plan:
    """A run that is ready to start; nothing of it is on disk yet, unless it is resumed.

    `owned` are the environments that were made here and have to be closed.
    """

    path: Path
    resolved: Resolved
    env: Environments
    eval_env: Environments | None
    agent: Agent
    normalisation: Normalisation | None
    spec_text: str
    imported_files: Mapping[str, str]
    resumed: Checkpoint | None
    owned: ExitStack


def plan_new(request: Request) -> Plan:
    """A run from its start.

    Raises:
        DiagnosticError: for whatever is wrong with the request.
    """
    if request.run is not None:
        check_free(request.run)
    if request.spec is None:
        raise DiagnosticError.of("RLG601", "no spec is given")
    config = request.config
    file = (
        read_config(Path(config)) if isinstance(config, str | Path) else check_tables(config or {}, "config")
    )
    flags = {"algo": request.algo, "steps": request.steps, "seed": request.seed}
    handed = None
    if isinstance(request.env, str):
        flags["env"] = request.env
    elif request.env is not None:
        handed = request.env if isinstance(request.env, Environments) else Environments(request.env)
        flags |= {"env": "", "num_envs": handed.num_envs}
    layers: list[Layer] = [
        file,
        {"run": {key: value for key, value in flags.items() if value is not None}},
        {"params": request.params or {}},
    ]
    named = stated(layers, request.settings, "env")
    if handed is None and not named:
        raise DiagnosticError.of("RLG604", "no environment is given", hint="name one: `--env CartPole-v1`")
    family = family_defaults(find_spec(named))[1] if named else {}
    algo = stated(layers, request.settings, "algo").lower()
    if not algo:
        with ExitStack() as probing:
            env = handed or probe(named, env_settings([family, *layers], request.settings), probing)
            algo = chosen_algorithm(request.spec, env, request.params)
    base = {name: table for name, table in family.items() if name in ("run", "env", algo)}
    resolved = resolve(algo=algo, layers=[base, *layers], settings=request.settings)
    if handed is not None:
        resolved.env.check_handed_in()
        if resolved.run.num_envs != handed.num_envs:
            raise DiagnosticError.of(
                "RLG607",
                f"`run.num_envs` is {resolved.run.num_envs}, and the environment handed in is"
                f" {handed.num_envs}",
            )
    check_learns(resolved)
    with ExitStack() as owned:
        env = handed or made(named, resolved.run.num_envs, resolved.env, owned)
        check_memory(resolved, env)
        model = compile_model(request.spec, env, algo=algo, seed=resolved.run.seed, params=resolved.params)
        values = parameter_values(model)
        params = {name: values.get(name, given) for name, given in resolved.params.items()}
        resolved = replace(resolved, params=params)  # a resumed run takes them as this one does
        agent = build_agent(model, resolved)
        eval_env = evaluation_environments(resolved, request.eval_env, env, owned)
        return Plan(
            path=request.run or free_name(Path("runs"), _stem(request.spec, algo, named, resolved.run.seed)),
            resolved=resolved,
            env=env,
            eval_env=eval_env,
            agent=agent,
            normalisation=run_normalisation(env, resolved),
            spec_text=model.spec_text,
            imported_files=model.imported_files,
            resumed=None,
            owned=owned.pop_all(),
        )


def plan_resumed(request: Request) -> Plan:
    """A run from its last checkpoint.

    Raises:
        DiagnosticError: for whatever is wrong with the request or the run's folder.
    """
    if request.run is None:
        raise DiagnosticError.of("RLG605", "no run folder is given to resume", hint="name it with --run")
    folder = RunFolder.open(request.run)
    text = folder.read(folder.spec)
    resolved = Resolved.from_toml(folder.read(folder.config), str(folder.config))
    _check_same(request, folder, text, resolved)
    if request.steps is not None:
        resolved = replace(resolved, run=replace(resolved.run, steps=request.steps))
    saved = load_checkpoint(folder, "last")
    if resolved.run.steps < saved.step:
        raise DiagnosticError.of(
            "RLG607", f"`steps` is {resolved.run.steps}, and the run has taken {saved.step} already"
        )
    with ExitStack() as owned:
        handed = None if isinstance(request.env, str) else request.env
        env = environments(handed, resolved, folder, resolved.run.num_envs, owned)
        check_memory(resolved, env)
        agent = rebuilt_agent(folder, resolved, env)
        saved.restore(agent)
        normalisation = run_normalisation(env, resolved, saved)
        eval_env = evaluation_environments(resolved, request.eval_env, env, owned)
        return Plan(
            path=folder.path,
            resolved=resolved,
            env=env,
            eval_env=eval_env,
            agent=agent,
            normalisation=normalisation,
            spec_text=text,
            imported_files={},
            resumed=saved,
            owned=owned.pop_all(),
        )


def _check_same(request: Request, folder: RunFolder, text: str, resolved: Resolved) -> None:
    import rl2graph

    for name in ("algo", "seed", "config", "settings", "params"):
        if getattr(request, name) not in (None, (), [], {}):
            raise DiagnosticError.of(
                "RLG605",
                f"`{name}` cannot be given when a run is resumed",
                hint=f"the run's own configuration is used: {folder.config}; only `steps` may change",
            )
    spec = request.spec
    named = isinstance(spec, Path) or str(spec).endswith(".rl2")
    shown = f"`{spec}`" if named else "the text given"
    if named:
        other = rl2graph.load(spec).text != text
    else:
        other = isinstance(spec, str) and spec.strip() != text.strip()
    if other:
        raise DiagnosticError.of(
            "RLG605",
            f"{shown} is not the spec that `{folder.path}` was started with",
            hint=f"the run's own is {folder.spec}; another spec wants another run",
        )
    if isinstance(request.env, str) and request.env != resolved.run.env:
        raise DiagnosticError.of(
            "RLG605", f"`{folder.path}` was started in `{resolved.run.env}`, not in `{request.env}`"
        )


def rebuilt_agent(folder: RunFolder, resolved: Resolved, env: Environments) -> Agent:
    """The agent of a run, its spec compiled anew; its weights are still the initial ones.

    Raises:
        DiagnosticError: RLG608 where the spec is another function now than the one that was trained.
    """
    run = resolved.run
    model = compile_model(folder.load_spec(), env, algo=run.algo, seed=run.seed, params=resolved.params)
    folder.check_function(model.function_digest)
    return build_agent(model, resolved)


def load_checkpoint(folder: RunFolder, which: str) -> Checkpoint:
    """The checkpoint `last`, `best`, or of a step; RLG608 where it cannot be had."""
    if which in ("last", "best"):
        return checkpoints.load(checkpoints.follow(folder.path / which, folder.checkpoints))
    if not which.isdecimal() or not checkpoints.is_there(folder.checkpoints / which):
        raise DiagnosticError.of(
            "RLG608",
            f"`{folder.path}` has no checkpoint `{which}`",
            hint="`last`, `best`, or a step that it saved",
        )
    return checkpoints.load(folder.checkpoints / which)


def _stem(spec: Any, algo: str, env_id: str, seed: int) -> str:
    name = Path(spec).stem if isinstance(spec, Path) or str(spec).endswith(".rl2") else "spec"
    where = re.sub(r"[^A-Za-z0-9.-]+", "-", env_id) or "env"
    if name != algo and not name.startswith(f"{algo}_"):
        name = f"{name}-{algo}"
    return f"{name}-{where}-s{seed}"
