"""From a spec and spaces to a model and its agent: the one place where workers meet the compiler."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from rl2graph.agents.algorithms import algorithm_named
from rl2graph.agents.base import Agent, Model, observation_dtype
from rl2graph.contracts import choose_algorithm
from rl2graph.diagnostics import DiagnosticError
from rl2graph.model.compiled import CompiledModel
from rl2graph.spaces import Record, Space
from rl2graph.workers.config import Resolved
from rl2graph.workers.environments import Environments


def compile_model(
    spec: Any, env: Environments, *, algo: str, seed: int, params: Mapping[str, Any] | None = None
) -> CompiledModel:
    """Compiles `spec` for the environments' spaces and holds it against the algorithm's contract.

    Args:
        spec: a path, or anything else that `rl2graph.compile` takes.
        env: gives the spaces.
        algo: whose contract it has to serve; `auto` for the one that its roles choose.
        seed: of the initial weights.
        params: values for the spec's `param` statements.

    Raises:
        DiagnosticError: whatever is wrong with the spec.
    """
    import rl2graph

    return rl2graph.compile(
        spec,
        observation_space=env.observation_space,
        action_space=env.action_space,
        algo=algo,
        params=params or None,
        seed=seed,
    )


def chosen_algorithm(spec: Any, env: Environments, params: Mapping[str, Any] | None = None) -> str:
    """The algorithm that the roles of the spec's outputs choose; RLG505 where they choose none."""
    model = compile_model(spec, env, algo="auto", seed=0, params=params)
    return choose_algorithm(output.role for output in model.outputs)


def build_agent(model: Model, resolved: Resolved) -> Agent:
    """The agent of the run's algorithm.

    Raises:
        DiagnosticError: RLG607 where its settings do not go together, or the device cannot be used.
    """
    algorithm = algorithm_named(resolved.run.algo)
    algorithm.check(resolved.algorithm, resolved.run.num_envs)
    check_device(resolved.run.device)
    return algorithm(model, resolved.algorithm, seed=resolved.run.seed, device=resolved.run.device)


def check_learns(resolved: Resolved) -> None:
    """Raises RLG607 where a run from the start would end before it has learned all there is to learn once."""
    run, config = resolved.run, resolved.algorithm
    rows = config.n_steps * run.num_envs
    shown = f"a rollout has {run.algo}.n_steps ({config.n_steps}) times run.num_envs ({run.num_envs}) steps"
    if run.steps < rows:
        raise DiagnosticError.of(
            "RLG607",
            f"`run.steps` is {run.steps}, and the first update comes after {rows} steps: nothing is learned",
            hint=shown,
        )
    needed = config.steps_before_learning(run.num_envs)
    if run.steps < needed:
        raise DiagnosticError.of(
            "RLG607",
            f"`run.steps` is {run.steps}, and the first auxiliary phase comes after {needed} steps: the"
            " spec's losses are never descended",
            hint=f"{shown}, and the phase comes after every {run.algo}.auxiliary_interval of them",
        )


def check_device(name: str) -> None:
    """Raises RLG607 for a device on which nothing can be computed."""
    try:
        torch.zeros(1, device=name).add(1.0).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = " ".join(str(error).split())
        raise DiagnosticError.of("RLG607", f"the device `{name}` cannot be used: {reason}") from None


def check_memory(resolved: Resolved, env: Environments) -> None:
    """Raises RLG607 where a rollout's observations do not fit the memory that this machine has left."""
    run, steps, free = resolved.run, resolved.algorithm.n_steps, available_memory()
    each = observation_bytes(env.observation_space)
    needed = each * steps * env.num_envs
    if free is not None and needed > free:
        raise DiagnosticError.of(
            "RLG607",
            f"a rollout's observations take {needed / 2**30:,.1f} GiB, and {free / 2**30:,.1f} are available",
            hint=f"{each:,} bytes times {run.algo}.n_steps ({steps}) times the {env.num_envs} environments",
        )


def observation_bytes(space: Space) -> int:
    """What one observation takes in a rollout."""
    if isinstance(space, Record):
        return sum(observation_bytes(part) for _, part in space.fields)
    shape = space.tensor_type.shape or ()
    return observation_dtype(space).itemsize * math.prod(dim for dim in shape if isinstance(dim, int))


def available_memory() -> int | None:
    """Bytes that can be had without swapping; None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None
