"""What a run writes while it runs: metrics, checkpoints, `last` and `best`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from shlex import quote

import numpy as np

from rl2graph.agents.base import Agent
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import checkpoint as checkpoints
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.config import RunConfig
from rl2graph.workers.environments import Environments
from rl2graph.workers.episodes import Episode
from rl2graph.workers.evaluate import Evaluation, evaluate
from rl2graph.workers.normalisation import Normalisation
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
        start: the step of the checkpoint that it starts from, which is saved already.
        seconds: that the run took up to there.
        normalisation: is saved with the agent, and evaluations use it as it stands.
        check: called after each step of an evaluation; may raise to stop.
        warn: is told what a person should see.
    """

    def __init__(
        self,
        folder: RunFolder,
        agent: Agent,
        config: RunConfig,
        *,
        spec_text: str,
        eval_env: Environments | None,
        start: int = 0,
        seconds: float = 0.0,
        normalisation: Normalisation | None = None,
        check: Callable[[], None] | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder, self._agent, self._config = folder, agent, config
        self._spec_text, self._eval_env = spec_text, eval_env
        self._normalisation = normalisation
        self._seconds, self._saved, self._check = seconds, start, check
        self._warn = warn
        self._learned: Progress | None = None  # where the run stood after its last update
        self._best = checkpoints.score_of(folder.best)
        self._started = time.perf_counter()
        self._next = (start // config.checkpoint_every + 1) * config.checkpoint_every

    @property
    def seconds(self) -> float:
        """Wall time of the run, all its parts together, evaluations included."""
        return self._seconds + time.perf_counter() - self._started

    def on_update(self, progress: Progress) -> None:
        """Logs an update, and saves a checkpoint where one is due."""
        self._learned = replace(progress, recent=progress.recent.copy(), stats={})
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
        """Writes a checkpoint, unless the latest is of this very step, and points `last` to it."""
        if progress.steps != self._saved:
            self._write(snapshot(self._agent, progress, self.seconds, self._normalisation))

    def stopped(self, error: DiagnosticError) -> DiagnosticError:
        """What the run ends with where its agent or an environment broke off: `error`, and how to go on."""
        way_on = self.rescued()
        return DiagnosticError(
            replace(found, hint="; ".join(filter(None, [found.hint, way_on]))) for found in error.diagnostics
        )

    def rescued(self) -> str:
        """Saves the present state of a run that cannot go on, and says where it is and how to go on.

        It counts as the state after the last update, so that a resumed run collects anew what was not learned
        from. `last` stays where it is should weights have become non-finite all the same.
        """
        good = self._learned
        if good is not None and good.steps > self._saved:
            present = snapshot(self._agent, good, self.seconds, self._normalisation)
            if present.is_finite:
                with suppress(DiagnosticError):  # that it cannot be written may be why the run stopped
                    self._write(present)
        return (
            f"the state before it is checkpoint {self._saved}, `last` of {self._folder.path}; go on from"
            f" there with `{resume_command(self._folder)}`"
        )

    @property
    def saved(self) -> int:
        """The step of the latest checkpoint."""
        return self._saved

    def _write(self, checkpoint: Checkpoint) -> None:
        checkpoints.save(self._folder.checkpoints, checkpoint, spec_text=self._spec_text)
        checkpoints.point(self._folder.last, checkpoint.step)
        self._saved = checkpoint.step

    def judge(self, progress: Progress, episodes: int) -> Evaluation | None:
        """Evaluates the policy just saved, logs that, and points `best` to it if it is.

        Without evaluation episodes the mean return of recent training episodes stands in. A score that is not
        finite is never the best.
        """
        found = None
        score = progress.return_mean
        if self._eval_env is not None and episodes:
            frozen = None if self._normalisation is None else self._normalisation.frozen()
            found = evaluate(
                self._agent,
                self._eval_env,
                episodes=episodes,
                seed=self._config.seed,
                check=self._check,
                normalisation=frozen,
            )
            score = found.return_mean
            if found.warning is not None:
                self._warn(found.warning)
            record = found.to_json()
            del record["returns"], record["lengths"]
            self._folder.log({"kind": "evaluation", "steps": progress.steps, **record})
        # A later policy wins a tie: it has seen more.
        if score is None or not math.isfinite(score):
            return found
        if self._best is None or score >= self._best[1] or self._best[0] == progress.steps:
            self._best = progress.steps, score
            checkpoints.point(self._folder.best, *self._best)
        return found


def resume_command(folder: RunFolder) -> str:
    """What goes on with a run from its last checkpoint."""
    return f"rl2graph train --resume --run {quote(str(folder.path))}"


def snapshot(
    agent: Agent, progress: Progress, seconds: float, normalisation: Normalisation | None = None
) -> Checkpoint:
    """The checkpoint of a run that stands at `progress`."""
    state = {
        "steps": progress.steps,
        "episodes": progress.episodes,
        "recent": [[e.slot, e.episode_return, e.length] for e in progress.recent],
        "seconds": round(seconds, 3),
    }
    moments = None if normalisation is None else normalisation.arrays()
    return Checkpoint.of(agent, progress.steps, state, agent.model.state_dict(), moments)


def restored_progress(saved: Checkpoint) -> tuple[Progress, float]:
    """Where a checkpoint's run stood, and after how many seconds; RLG608 where it does not say."""
    state = saved.state
    try:
        progress = Progress(steps=int(state["steps"]), episodes=int(state["episodes"]))
        for slot, total, length in state["recent"]:
            # null is a return that was not finite.
            value = math.nan if total is None else float(total)
            progress.recent.append(Episode(int(slot), value, int(length)))
        if progress.steps != saved.step:
            raise ValueError(f"steps {progress.steps} in the checkpoint of step {saved.step}")
        return progress, float(state["seconds"])
    except checkpoints.BAD_DATA as error:
        raise DiagnosticError.of("RLG608", f"the checkpoint's state cannot be read: {error!r}") from None
