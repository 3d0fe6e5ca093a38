"""From a spec and spaces to a model and its agent: the one place where workers meet the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rl2graph.agents.algorithms import algorithm_named
from rl2graph.agents.base import Agent, Model
from rl2graph.contracts import choose_algorithm
from rl2graph.diagnostics import DiagnosticError
from rl2graph.model.compiled import CompiledModel
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
        DiagnosticError: RLG607 where its settings do not go together.
    """
    algorithm = algorithm_named(resolved.run.algo)
    algorithm.check(resolved.algorithm, resolved.run.num_envs)
    return algorithm(model, resolved.algorithm, seed=resolved.run.seed, device=resolved.run.device)


def check_learns(resolved: Resolved) -> None:
    """Raises RLG607 where a run from the start would end before its first update."""
    run, config = resolved.run, resolved.algorithm
    rows = config.n_steps * run.num_envs
    if run.steps < rows:
        raise DiagnosticError.of(
            "RLG607",
            f"`run.steps` is {run.steps}, and the first update comes after {rows} steps: nothing is learned",
            hint=f"a rollout has {run.algo}.n_steps ({config.n_steps}) times run.num_envs ({run.num_envs})"
            " steps",
        )
