"""How good a policy is: whole episodes in environments of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rl2graph.agents.base import Agent
from rl2graph.agents.seeds import Stream, environment_seed
from rl2graph.workers.environments import Environments
from rl2graph.workers.episodes import Episode, EpisodeTracker


@dataclass(frozen=True)
class Evaluation:
    """Undiscounted returns and lengths of the episodes, in the order of slot, then time."""

    returns: tuple[float, ...]
    lengths: tuple[int, ...]
    greedy: bool

    @property
    def return_mean(self) -> float:
        return float(np.mean(self.returns))

    @property
    def return_std(self) -> float:
        """Population standard deviation over the episodes."""
        return float(np.std(self.returns))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, with `return_mean` and `return_std` at top level."""
        return {
            "return_mean": self.return_mean,
            "return_std": self.return_std,
            "episodes": len(self.returns),
            "greedy": self.greedy,
            "returns": list(self.returns),
            "lengths": list(self.lengths),
        }


def evaluate(
    agent: Agent, env: Environments, *, episodes: int = 100, seed: int = 0, greedy: bool = True
) -> Evaluation:
    """Plays exactly `episodes` episodes; of the agent only the exploration stream moves, if sampled.

    Each slot plays its own equal share (the first `episodes % B` one more) and what it plays beyond that is
    not counted: taking the first N to finish would prefer the short ones.

    Args:
        agent: acts; greedily, or by sampling.
        env: environments of the evaluation's own.
        episodes: how many.
        seed: root; the environments are seeded from its evaluation stream.
        greedy: take the policy's mode.
    """
    share = np.full(env.num_envs, episodes // env.num_envs)
    share[: episodes % env.num_envs] += 1
    played: list[list[Episode]] = [[] for _ in range(env.num_envs)]
    tracker = EpisodeTracker(env.num_envs)
    missing = episodes
    obs = env.reset(environment_seed(seed, Stream.EVALUATION))
    while missing:
        step = env.step(agent.act(obs, greedy=greedy).action)
        for episode in tracker.add(step):
            if len(played[episode.slot]) < share[episode.slot]:
                played[episode.slot].append(episode)
                missing -= 1
        obs = step.obs
    counted = [episode for slot in played for episode in slot]
    return Evaluation(
        tuple(episode.episode_return for episode in counted), tuple(e.length for e in counted), greedy
    )
