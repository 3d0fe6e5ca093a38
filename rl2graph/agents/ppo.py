"""Proximal policy optimisation, with the clipped surrogate (Schulman et al. 2017, arXiv:1707.06347)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from rl2graph.agents import losses
from rl2graph.agents.base import Array
from rl2graph.agents.drivers import Entries
from rl2graph.agents.on_policy import OnPolicyAgent
from rl2graph.agents.ppg import AuxiliaryPhase
from rl2graph.agents.ppo_config import PPOConfig
from rl2graph.agents.rollouts import Batch, Stats
from rl2graph.contracts.ppo import PPO as CONTRACT
from rl2graph.diagnostics import DiagnosticError


class PPO(OnPolicyAgent[PPOConfig]):
    """Several passes over each rollout, in minibatches, with the probability ratio clipped."""

    contract = CONTRACT
    config_type = PPOConfig

    def prepare(self) -> None:
        self._phase = AuxiliaryPhase(self) if self.config.auxiliary_interval is not None else None

    @classmethod
    def check(cls, config: PPOConfig, num_envs: int) -> None:
        """Raises RLG607 where a rollout of `num_envs` environments is smaller than one minibatch."""
        rows = config.n_steps * num_envs
        if config.minibatch_size > rows:
            raise DiagnosticError.of(
                "RLG607",
                f"`ppo.minibatch_size` is {config.minibatch_size}, and a rollout has only {rows} samples",
                hint=f"a rollout has ppo.n_steps ({config.n_steps}) times run.num_envs ({num_envs})",
            )

    def update(self, progress: float = 0.0) -> dict[str, float]:
        config = self.config
        remaining = self.anneal(progress)
        clip_range = config.clip_range * (remaining if config.anneal_clip_range else 1.0)
        rollout = self.collected()
        constants = {"clip_range": torch.tensor(clip_range, device=rollout.device)}
        steps: list[Stats] = []
        for _ in range(config.epochs):
            for batch in rollout.minibatches(self.minibatch_rng, config.minibatch_size):
                steps.append(self.learn({**batch, **constants}))
            if config.target_kl and steps and float(steps[-1]["approx_kl"]) > 1.5 * config.target_kl:
                break
        phase = {} if self._phase is None else self._phase.after(rollout)
        return self.finished(rollout, steps, clip_range=clip_range, **phase)

    def loss(self, entries: Entries, batch: Batch, noise: Mapping[str, Tensor]) -> tuple[Tensor, Stats]:
        """`policy + c1 * value - c2 * entropy` (equation 9, as a loss) and the spec's losses, in one pass."""
        config = self.config
        out = self.evaluate(entries, batch, noise)
        log_ratio = out.log_prob - batch["log_prob"]
        ratio = log_ratio.exp()
        advantage = batch["advantage"]
        if config.normalise_advantages:
            advantage = losses.normalised(advantage)
        policy_loss = losses.clipped_surrogate(ratio, advantage, batch["clip_range"])
        value_loss = self.value_loss(out.value, batch)
        entropy = out.entropy.mean()
        total = policy_loss + config.value_coefficient * value_loss
        if config.entropy_coefficient:
            total = total - config.entropy_coefficient * entropy
        return total + out.spec_loss, {
            "policy_loss": policy_loss,
            "value_loss": value_loss,
            "entropy": entropy,
            "approx_kl": losses.approximate_kl(ratio.detach(), log_ratio.detach()),
            "clip_fraction": losses.clip_fraction(ratio.detach(), batch["clip_range"]),
            **out.spec_stats,
        }

    def value_loss(self, value: Tensor, batch: Batch) -> Tensor:
        """Half the mean squared error, or what clipping the value's change makes of it."""
        clip_range = self.config.value_clip_range
        if clip_range is None:
            return losses.value_loss(value, batch["return"])
        return losses.clipped_value_loss(value, batch["value"], batch["return"], clip_range)

    @property
    def learning_entry(self) -> str:
        """`act`, which has all but the spec's losses, where those have a phase of their own."""
        return "learn" if self.config.auxiliary_interval is None else "act"

    @property
    def idle_losses(self) -> tuple[str, ...]:
        entropy = () if self.config.entropy_coefficient else ("entropy",)
        return entropy if self._phase is None else (*entropy, "spec")

    def training_plan(self) -> list[dict[str, Any]]:
        return super().training_plan() + ([] if self._phase is None else self._phase.training_plan())

    def memory_arrays(self) -> dict[str, Array]:
        """What the next auxiliary phase will learn from."""
        return {} if self._phase is None else self._phase.arrays()

    def load_memory(self, arrays: Mapping[str, Array]) -> None:
        """Starts an empty rollout; the auxiliary phase goes on with what it had."""
        super().load_memory(arrays)
        if self._phase is not None:
            self._phase.load(arrays)
