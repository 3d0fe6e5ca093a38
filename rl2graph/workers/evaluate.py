"""How good a policy is: whole episodes in environments of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rl2graph.agents.base import Agent, Flags
from rl2graph.agents.seeds import Stream, environment_seed
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.environments import Environments
from rl2graph.workers.episodes import Episode, EpisodeTracker
from rl2graph.workers.jsonable import jsonable
from rl2graph.workers.normalisation import Scaling
from rl2graph.workers.registry import environments_of

EPISODE_LIMIT = 100_000


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

    @property
    def warning(self) -> str | None:
        """What there is to say of returns that are not finite."""
        bad = len(self.returns) - int(np.isfinite(self.returns).sum())
        if not bad:
            return None
        return (
            f"warning: {bad} of the {len(self.returns)} episodes of an evaluation returned no finite number:"
            " the environment's rewards were not"
        )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, with `return_mean` and `return_std` at top level; numbers not finite are null."""
        data: dict[str, Any] = jsonable(
            {
                "return_mean": self.return_mean,
                "return_std": self.return_std,
                "episodes": len(self.returns),
                "greedy": self.greedy,
                "returns": list(self.returns),
                "lengths": list(self.lengths),
            }
        )
        return data


def evaluate(
    agent: Agent,
    env: Any,
    *,
    episodes: int = 100,
    seed: int = 0,
    greedy: bool = True,
    check: Callable[[], None] | None = None,
    normalisation: Scaling | None = None,
) -> Evaluation:
    """Plays exactly `episodes` episodes; of the agent only the exploration stream moves, if sampled.

    Each slot plays its own equal share (the first `episodes % B` one more) and what it plays beyond that is
    not counted: taking the first N to finish would prefer the short ones.

    Args:
        agent: acts; greedily, or by sampling.
        env: environments of the evaluation's own: what `MaxStepWorker` takes.
        episodes: how many.
        seed: root; the environments are seeded from its evaluation stream.
        greedy: take the policy's mode.
        check: called after each vector step; may raise to stop.
        normalisation: of what the agent sees; frozen, so that evaluating teaches it nothing.

    Raises:
        DiagnosticError: RLG604 where an episode does not end or the environment breaks off, RLG607 where its
            spaces are not the model's.
    """
    envs = environments_of(env)
    try:
        envs.check_fits(getattr(agent, "model", None))
        return _played(agent, envs, episodes, seed, greedy, check, normalisation)
    finally:
        if isinstance(env, str):
            envs.close()


def _played(
    agent: Agent,
    env: Environments,
    episodes: int,
    seed: int,
    greedy: bool,
    check: Callable[[], None] | None,
    normalisation: Scaling | None,
) -> Evaluation:
    share = np.full(env.num_envs, episodes // env.num_envs)
    share[: episodes % env.num_envs] += 1
    played: list[list[Episode]] = [[] for _ in range(env.num_envs)]
    tracker = EpisodeTracker(env.num_envs)
    missing, taken = episodes, 0
    obs = env.reset(environment_seed(seed, Stream.EVALUATION))
    if normalisation is not None:
        obs = normalisation.reset(obs)
    state, resets = None, None
    while missing:
        output = agent.act(obs, state=state, resets=resets, greedy=greedy)
        step = env.step(output.action)
        if normalisation is not None:
            step = normalisation.step(step)
        for episode in tracker.add(step):
            if len(played[episode.slot]) < share[episode.slot]:
                played[episode.slot].append(episode)
                missing -= 1
        obs, state, resets = step.obs, output.state, step.resets
        taken += 1
        if taken >= EPISODE_LIMIT:
            _check_ends(tracker, share > [len(slot) for slot in played])
        if check is not None:
            check()
    counted = [episode for slot in played for episode in slot]
    return Evaluation(
        tuple(episode.episode_return for episode in counted), tuple(e.length for e in counted), greedy
    )


def _check_ends(tracker: EpisodeTracker, awaited: Flags) -> None:
    if (tracker.running[awaited] >= EPISODE_LIMIT).any():
        raise DiagnosticError.of(
            "RLG604",
            f"an episode of the evaluation has not ended after {EPISODE_LIMIT:,} steps",
            hint="give the environment a time limit (gymnasium.wrappers.TimeLimit)",
        )
