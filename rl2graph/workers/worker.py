"""The loop between environments and agent."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rl2graph.agents.base import Agent
from rl2graph.agents.seeds import Stream, environment_seed
from rl2graph.workers.episodes import Episode, EpisodeTracker
from rl2graph.workers.finite import check_rewards
from rl2graph.workers.normalisation import Scaling
from rl2graph.workers.registry import environments_of


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        steps: environment steps taken, resets not counted.
        episodes: episodes finished.
        recent: the last 100 of them.
        stats: what the latest update reported.
    """

    steps: int = 0
    episodes: int = 0
    recent: deque[Episode] = field(default_factory=lambda: deque(maxlen=100))
    stats: dict[str, float] = field(default_factory=dict)

    @property
    def return_mean(self) -> float | None:
        """Mean return of the recent episodes; these were sampled, and mostly by older policies."""
        if not self.recent:
            return None
        return float(np.mean([episode.episode_return for episode in self.recent]))


class MaxStepWorker:
    """Runs an agent in environments until `max_steps` environment steps are taken.

    Args:
        env: `Environments`, a gymnasium environment or vector environment, or a registered id.
        agent: what acts and learns.
        max_steps: environment steps, over all slots of the batch; the last vector step may pass it.
        seed: root of the environments' stream.
        progress: where to go on from; None for the start.
        normalisation: of what the agent sees and learns from, `Normalisation(env)` for `Environments`.
        on_step: called after each vector step, when agent and environments are at rest.
        on_update: called after each update.

    Raises:
        DiagnosticError: RLG607 where the environment's spaces are not the model's.
    """

    def __init__(
        self,
        env: Any,
        agent: Agent,
        *,
        max_steps: int,
        seed: int = 0,
        progress: Progress | None = None,
        normalisation: Scaling | None = None,
        on_step: Callable[[Progress], None] | None = None,
        on_update: Callable[[Progress], None] | None = None,
    ) -> None:
        self.env = environments_of(env)
        self.env.check_fits(agent.model)
        self.agent = agent
        self.max_steps = max_steps
        self.seed = seed
        self.progress = progress or Progress()
        self.normalisation = normalisation
        self._on_step = on_step
        self._on_update = on_update

    def run(self) -> Progress:
        """Acts, steps, remembers, and updates whenever the agent is ready; returns where it ended.

        An update is told the progress at which its rollout began: the first has the full rate, and the last
        of N still 1/N of it.

        Raises:
            DiagnosticError: RLG604 where an environment breaks off, RLG610 where training, or what it is
                given, is not finite.
        """
        env, agent, progress, normalisation = self.env, self.agent, self.progress, self.normalisation
        tracker = EpisodeTracker(env.num_envs)
        # Salted by the steps taken, so that a resumed run does not play the first episodes once more.
        obs = env.reset(environment_seed(self.seed, Stream.ENVIRONMENTS, progress.steps))
        if normalisation is not None:
            obs = normalisation.reset(obs)
        rollout = progress.steps
        agent.begin()
        state, resets = None, None
        while progress.steps < self.max_steps:
            output = agent.act(obs, state=state, resets=resets)
            step = env.step(output.action)
            # Of rewards that are not all finite the sum is not; of others, hardly ever.
            if not math.isfinite(step.reward.sum()):
                check_rewards(step, progress.steps)
            if normalisation is not None:
                step = normalisation.step(step)
            agent.remember(obs, output, step)
            progress.steps += int(step.valid.sum())
            for episode in tracker.add(step):
                progress.episodes += 1
                progress.recent.append(episode)
            obs, state, resets = step.obs, output.state, step.resets
            if agent.ready:
                progress.stats = agent.update(min(1.0, rollout / self.max_steps))
                rollout = progress.steps
                if self._on_update is not None:
                    self._on_update(progress)
            if self._on_step is not None:
                self._on_step(progress)
        return progress
