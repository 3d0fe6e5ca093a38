"""A run's agent, back from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from rl2graph.agents.base import ActOutput, Agent, Flags, Step
from rl2graph.memory.trees import Tree
from rl2graph.workers.config import Resolved
from rl2graph.workers.normalisation import Scaling
from rl2graph.workers.plan import load_checkpoint, rebuilt_agent
from rl2graph.workers.run_environments import environments, run_normalisation
from rl2graph.workers.runfolder import RunFolder


def load_agent(
    run: str | Path, checkpoint: str = "last", env: Any = None, *, device: str | None = None
) -> Agent:
    """The agent of a run, ready to act: `agent.act(obs, greedy=True)`.

    It has the checkpoint's weights, optimiser and random streams. Where the run normalises observations, it
    takes them as the environment gives them, and normalises them by the checkpoint's moments.

    Args:
        run: the run's folder.
        checkpoint: `last`, `best`, or a step.
        env: for its spaces, what `MaxStepWorker` takes; needed where the run's own had been handed in.
        device: where the network is; None for the run's.

    Raises:
        DiagnosticError: RLG605 where there is no run, RLG608 where its checkpoint cannot be used, RLG604
            where its environment cannot be had.
    """
    folder = RunFolder.open(Path(run))
    resolved = Resolved.from_toml(folder.read(folder.config), str(folder.config))
    if isinstance(env, str):
        resolved, env = replace(resolved, run=replace(resolved.run, env=env)), None
    if device is not None:
        resolved = replace(resolved, run=replace(resolved.run, device=device))
    saved = load_checkpoint(folder, str(checkpoint))
    with ExitStack() as owned:
        envs = environments(env, resolved, folder, 1, owned, evaluation=True)
        agent = rebuilt_agent(folder, resolved, envs)
        saved.restore(agent)
        moments = run_normalisation(envs, resolved, saved)
    return agent if moments is None else _Scaled(agent, moments.frozen())


class _Scaled:
    """An agent that is given observations as they are, and acts on and remembers them normalised."""

    def __init__(self, agent: Agent, scaling: Scaling) -> None:
        self._agent, self._scaling = agent, scaling

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_agent":  # while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self._agent, name)

    def act(
        self,
        obs: Tree,
        *,
        state: Mapping[str, Tensor] | None = None,
        resets: Flags | None = None,
        greedy: bool = False,
    ) -> ActOutput:
        return self._agent.act(self._scaling.reset(obs), state=state, resets=resets, greedy=greedy)

    def remember(self, obs: Tree, output: ActOutput, step: Step) -> None:
        self._agent.remember(self._scaling.reset(obs), output, self._scaling.step(step))
