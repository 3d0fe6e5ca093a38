"""Advantage actor-critic, synchronous: A3C (Mnih et al. 2016, arXiv:1602.01783) with its workers in step."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from rl2graph.agents import losses
from rl2graph.agents.a2c_config import A2CConfig
from rl2graph.agents.drivers import Entries
from rl2graph.agents.on_policy import OnPolicyAgent
from rl2graph.agents.rollouts import Batch, Stats
from rl2graph.contracts.a2c import A2C as CONTRACT


class A2C(OnPolicyAgent[A2CConfig]):
    """One step of the optimiser on each short rollout."""

    contract = CONTRACT
    config_type = A2CConfig

    def update(self, progress: float = 0.0) -> dict[str, float]:
        self.anneal(progress)
        rollout = self.collected()
        # A compiled update has one shape: steps that only reset are made up for by others.
        size = rollout.valid.size if self.config.driver == "compiled" else None
        steps = [self.learn(batch) for batch in rollout.minibatches(self.minibatch_rng, size)]
        return self.finished(rollout, steps)

    @property
    def idle_losses(self) -> tuple[str, ...]:
        return () if self.config.entropy_coefficient else ("entropy",)

    def loss(self, entries: Entries, batch: Batch, noise: Mapping[str, Tensor]) -> tuple[Tensor, Stats]:
        """`policy + c1 * value - c2 * entropy` (the paper, section 4) and the spec's losses, in one pass."""
        config = self.config
        out = self.evaluate(entries, batch, noise)
        advantage = batch["advantage"]
        if config.normalise_advantages:
            advantage = losses.normalised(advantage)
        policy_loss = losses.policy_gradient(out.log_prob, advantage)
        value_loss = losses.value_loss(out.value, batch["return"])
        entropy = out.entropy.mean()
        total = policy_loss + config.value_coefficient * value_loss
        if config.entropy_coefficient:
            total = total - config.entropy_coefficient * entropy
        return total + out.spec_loss, {
            "policy_loss": policy_loss,
            "value_loss": value_loss,
            "entropy": entropy,
            **out.spec_stats,
        }
