"""What a run writes while it runs: metrics, checkpoints, `last` and `best`."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from rl2graph.agents.base import Agent
from rl2graph.workers import checkpoint as checkpoints
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.config import RunConfig
from rl2graph.workers.environments import Environments
from rl2graph.workers.episodes import Episode
from rl2graph.workers.evaluate import Evaluation, evaluate
from rl2graph.workers.runfolder import RunFolder
from rl2graph.workers.worker import Progress


class Recorder:
    """Writes a run's folder; its hooks are the worker's.

    Args:
        folder: the run's folder.
        agent: whose state is saved.
        config: cadences and numbers of episodes.
        spec_text: goes into the weights' metadata.
        eval_env: environments for evaluations; None for no evaluation.
        state: the `state` of the checkpoint that the run goes on from.
    """

    def __init__(
        self,
        folder: RunFolder,
        agent: Agent,
        config: RunConfig,
        *,
        spec_text: str,
        eval_env: Environments | None,
        state: dict[str, Any] | None = None,
    ) -> None:
        self._folder, self._agent, self._config = folder, agent, config
        self._spec_text, self._eval_env = spec_text, eval_env
        state = state or {}
        self._seconds = float(state.get("seconds", 0.0))
        self._best: float | None = state.get("best_return")
        self._started = time.perf_counter()
        self._next = (int(state.get("steps", 0)) // config.checkpoint_every + 1) * config.checkpoint_every

    @property
    def seconds(self) -> float:
        """Wall time of the run, all its parts together, evaluations included."""
        return self._seconds + time.perf_counter() - self._started

    def on_update(self, progress: Progress) -> None:
        """Logs an update, and saves a checkpoint where one is due."""
        lengths = [episode.length for episode in progress.recent]
        self._folder.log(
            {
                "kind": "update",
                "steps": progress.steps,
                "episodes": progress.episodes,
                "seconds": round(self.seconds, 3),
                "return_mean": progress.return_mean,
                "length_mean": float(np.mean(lengths)) if lengths else None,
                **progress.stats,
            }
        )
        if self._next <= progress.steps < self._config.steps:
            self._next = (progress.steps // self._config.checkpoint_every + 1) * self._config.checkpoint_every
            self.save(progress)
            self.judge(progress, self._config.eval_episodes)

    def save(self, progress: Progress) -> None:
        """Writes a checkpoint and points `last` to it."""
        state = {
            "steps": progress.steps,
            "episodes": progress.episodes,
            "recent": [[e.slot, e.episode_return, e.length] for e in progress.recent],
            "seconds": round(self.seconds, 3),
            "best_return": self._best,
        }
        weights = self._agent.model.state_dict()
        checkpoint = Checkpoint.of(self._agent, progress.steps, state, weights)
        checkpoints.save(self._folder.checkpoints, checkpoint, spec_text=self._spec_text)
        checkpoints.point(self._folder.last, progress.steps)

    def judge(self, progress: Progress, episodes: int) -> Evaluation | None:
        """Evaluates the policy just saved, logs that, and points `best` to it if it is.

        Without evaluation episodes the mean return of recent training episodes stands in.
        """
        found = None
        score = progress.return_mean
        if self._eval_env is not None and episodes:
            found = evaluate(self._agent, self._eval_env, episodes=episodes, seed=self._config.seed)
            score = found.return_mean
            record = found.to_json()
            del record["returns"], record["lengths"]
            self._folder.log({"kind": "evaluation", "steps": progress.steps, **record})
        # A later policy wins a tie: it has seen more.
        if score is not None and (self._best is None or score >= self._best):
            self._best = score
            checkpoints.point(self._folder.best, progress.steps)
        return found


def restored_progress(state: dict[str, Any]) -> Progress:
    """Where a checkpoint's run stood."""
    progress = Progress(steps=int(state["steps"]), episodes=int(state["episodes"]))
    progress.recent.extend(
        Episode(int(slot), float(total), int(length)) for slot, total, length in state["recent"]
    )
    return progress
