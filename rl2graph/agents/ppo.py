"""Proximal policy optimisation, with the clipped surrogate (Schulman et al. 2017, arXiv:1707.06347)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents import losses
from rl2graph.agents.base import ActOutput, Array, Model, Step, observation_dtype
from rl2graph.agents.distributions import distribution_for
from rl2graph.agents.drivers import Entries, Tensors, make_driver
from rl2graph.agents.optimiser import AdamState
from rl2graph.agents.ppo_config import PPOConfig, check_rollout
from rl2graph.agents.returns import explained_variance, gae
from rl2graph.agents.seeds import Stream, generator, generator_state, restore_generator
from rl2graph.contracts.ppo import PPO as CONTRACT
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.rollout import RolloutMemory


class PPO:
    """The agent: acts by one pass that gives policy and value, learns from whole rollouts.

    Args:
        model: a compiled model with the outputs that PPO's contract asks for.
        config: settings; None for the defaults.
        seed: root of the exploration and minibatch streams.
    """

    def __init__(self, model: Model, config: PPOConfig | None = None, *, seed: int = 0) -> None:
        self.model = model
        self.config = config = config or PPOConfig()
        by_role = {output.role: output for output in model.outputs}
        missing = [f"`{role}`" for role in CONTRACT.roles if role not in by_role]
        if missing:
            raise DiagnosticError.of("RLG501", f"PPO needs a model with an output {' and '.join(missing)}")
        self._pi, self._v = by_role["pi"].name, by_role["v"].name
        self._distribution = distribution_for(by_role["pi"].head, model.action_space)
        entries = {e.name: model.entry([by_role[role].name for role in e.roles]) for e in CONTRACT.entries}
        self._policy, self._critic = entries["act"], entries["value"]
        self._learn = entries["learn"]
        self._statistics = model.entry([], mode="collect") if model.collects_statistics else None
        used = {key for key, _ in entries["learn"].named_parameters()}
        self._adam = AdamState.fresh(
            {key: p for key, p in model.named_parameters() if key in used and p.requires_grad},
            lr=config.learning_rate,
            eps=config.adam_eps,
        )
        self._driver = make_driver(
            config.driver,
            {"learn": self._learn},
            self._loss,
            self._adam,
            max_grad_norm=config.max_grad_norm,
        )
        self._exploration = generator(seed, Stream.EXPLORATION)
        self._shuffling = generator(seed, Stream.MEMORY)
        self._memory: RolloutMemory | None = None
        self._next_obs: Array | None = None
        space = model.observation_space
        self._obs_dtype = None if space is None else observation_dtype(space)
        self._updates = 0

    def act(self, obs: Array, *, greedy: bool = False) -> ActOutput:
        """Actions for observations `[B, ...]`: sampled from the exploration stream, or the modes."""
        with torch.inference_mode():
            out = self._policy(self._tensor(obs))
        params = out[self._pi].numpy()
        if greedy:
            action, log_prob = self._distribution.mode(params)
        else:
            action, log_prob = self._distribution.sample(params, self._exploration)
        return ActOutput(action, log_prob, out[self._v].numpy())

    def remember(self, obs: Array, output: ActOutput, step: Step) -> None:
        """Stores one vector step; an episode cut short is valued at its true last observation.

        Statistics of collected steps move here, once a step, and nowhere else.
        """
        if self._statistics is not None:
            with torch.no_grad():
                self.model.commit(self._statistics(self._tensor(obs))["statistics"])
        final_value = None
        if step.final_obs is not None and step.truncated.any():
            final_value = np.zeros_like(step.reward)
            final_value[step.truncated] = self._value(step.final_obs[step.truncated])
        if self._memory is None:
            self._memory = self._new_memory(obs)
        self._memory.store(
            obs=obs,
            action=output.action,
            log_prob=output.log_prob,
            value=output.value,
            reward=step.reward,
            terminated=step.terminated,
            truncated=step.truncated,
            valid=step.valid,
            final_value=final_value,
        )
        self._next_obs = step.obs

    @property
    def ready(self) -> bool:
        """Whether a whole rollout is there to learn from."""
        return self._memory is not None and self._memory.full

    def update(self, progress: float = 0.0) -> dict[str, float]:
        """Learns from the rollout and drops it; `progress` (0 to 1) is the share of the run before it.

        Raises:
            DiagnosticError: RLG610 where the loss, its gradient or a weight is not finite.
        """
        memory, config = self._memory, self.config
        assert memory is not None, "nothing was remembered yet"
        assert memory.full, "a rollout is learned from when it is whole"
        assert self._next_obs is not None
        if self._statistics is not None:
            self._act_again(memory)
        left = max(0.0, 1.0 - progress)
        clip_range = config.clip_range * (left if config.anneal_clip_range else 1.0)
        self._adam.lr.fill_(config.learning_rate * (left if config.anneal_learning_rate else 1.0))
        advantages, returns = gae(
            memory.reward,
            memory.value,
            memory.next_values(self._value(self._next_obs)),
            memory.terminated,
            memory.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        columns = {
            "obs": memory.obs,
            "action": memory.action,
            "log_prob": memory.log_prob,
            "value": memory.value,
            "advantage": advantages,
            "return": returns,
        }
        rollout = {name: torch.from_numpy(array).flatten(0, 1) for name, array in columns.items()}
        constants = {"clip_range": torch.tensor(clip_range)}
        history: list[dict[str, Tensor]] = []
        for _ in range(config.epochs):
            permutation = self._shuffling.permutation(len(memory))
            for rows in memory.minibatches(permutation, config.minibatch_size):
                index = torch.from_numpy(rows)
                batch = {name: column[index] for name, column in rollout.items()} | constants
                history.append(self._driver.step(batch, {}))
            if config.target_kl and history and float(history[-1]["approx_kl"]) > 1.5 * config.target_kl:
                break
        memory.clear()
        self._updates += 1
        valid = memory.valid
        stats = _summarised(history)
        if not all(bool(torch.isfinite(p).all()) for p in self._adam.parameters.values()):
            raise _non_finite("a weight")
        return stats | {
            "explained_variance": explained_variance(memory.value[valid], returns[valid]),
            "learning_rate": float(self._adam.lr),
            "clip_range": clip_range,
            "updates": self._updates,
        }

    def _act_again(self, memory: RolloutMemory) -> None:
        """Takes log-probabilities and values anew: the statistics have moved since, and no ratio is due to
        that.
        """
        with torch.inference_mode():
            out = self._learn(self._tensor(memory.obs).flatten(0, 1))
            action = torch.from_numpy(memory.action).flatten(0, 1)
            log_prob, _ = self._distribution.log_prob_entropy(out[self._pi], action)
        memory.log_prob[:] = log_prob.numpy().reshape(memory.log_prob.shape)
        memory.value[:] = out[self._v].numpy().reshape(memory.value.shape)

    def _loss(self, entries: Entries, batch: Tensors, _noise: Tensors) -> tuple[Tensor, dict[str, Tensor]]:
        """`policy + c1 * value - c2 * entropy` (equation 9, as a loss), in one pass; no noise."""
        config = self.config
        out = entries["learn"](batch["obs"])
        log_prob, entropy = self._distribution.log_prob_entropy(out[self._pi], batch["action"])
        log_ratio = log_prob - batch["log_prob"]
        advantage = batch["advantage"]
        if config.normalise_advantages:
            advantage = losses.normalised(advantage)
        ratio = log_ratio.exp()
        policy = losses.clipped_surrogate(ratio, advantage, batch["clip_range"])
        if config.value_clip_range is None:
            value = losses.value_loss(out[self._v], batch["return"])
        else:
            value = losses.clipped_value_loss(
                out[self._v], batch["value"], batch["return"], config.value_clip_range
            )
        bonus = entropy.mean()
        total = policy + config.value_coefficient * value
        if config.entropy_coefficient:
            total = total - config.entropy_coefficient * bonus
        return total, {
            "policy_loss": policy,
            "value_loss": value,
            "entropy": bonus,
            "approx_kl": losses.approximate_kl(ratio.detach(), log_ratio.detach()),
            "clip_fraction": losses.clip_fraction(ratio.detach(), batch["clip_range"]),
        }

    def _value(self, obs: Array) -> Array:
        with torch.inference_mode():
            value: Array = self._critic(self._tensor(obs))[self._v].numpy()
        return value

    def _tensor(self, obs: Array) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(obs, self._obs_dtype))

    def _new_memory(self, obs: Array) -> RolloutMemory:
        check_rollout(self.config, len(obs))
        return RolloutMemory(
            self.config.n_steps,
            len(obs),
            obs_shape=obs.shape[1:],
            obs_dtype=obs.dtype if self._obs_dtype is None else self._obs_dtype,
            action_shape=self._distribution.action_shape,
            action_dtype=self._distribution.action_dtype,
        )

    def optimiser_tensors(self) -> dict[str, Tensor]:
        """Adam's state, for a checkpoint."""
        return self._adam.tensors()

    def load_optimiser(self, tensors: Mapping[str, Tensor]) -> None:
        """Goes on from a saved optimiser."""
        self._adam.load(tensors)

    def memory_arrays(self) -> dict[str, Array]:
        """Nothing: a rollout that is not yet whole cannot be gone on with once its environments are gone."""
        return {}

    def load_memory(self, _arrays: Mapping[str, Array]) -> None:
        """Starts an empty rollout."""
        self._memory = None

    def counters(self) -> dict[str, Any]:
        """Counters and random streams, JSON-ready, for a checkpoint."""
        return {
            "updates": self._updates,
            "exploration": generator_state(self._exploration),
            "memory": generator_state(self._shuffling),
        }

    def load_counters(self, counters: Mapping[str, Any]) -> None:
        """Goes on from saved counters and random streams."""
        self._updates = int(counters["updates"])
        restore_generator(self._exploration, counters["exploration"])
        restore_generator(self._shuffling, counters["memory"])


def _summarised(history: list[dict[str, Tensor]]) -> dict[str, float]:
    """The mean of each stat over an update's minibatches; RLG610 where one step was not finite."""
    if not history:  # a rollout in which environments did nothing but reset
        return {}
    stacked = {name: torch.stack([stats[name] for stats in history]) for name in history[0]}
    for name in ("loss", "grad_norm"):
        if not bool(torch.isfinite(stacked[name]).all()):
            raise _non_finite(f"the {name.replace('_', ' ')}")
    return {name: float(values.mean()) for name, values in stacked.items()}


def _non_finite(what: str) -> DiagnosticError:
    return DiagnosticError.of(
        "RLG610",
        f"training became non-finite: {what} is not a finite number",
        hint="try a smaller ppo.learning_rate; look for observations or rewards that are not finite",
    )
