"""PPO's settings."""

from __future__ import annotations

from dataclasses import dataclass, fields

from rl2graph.agents.fields import number, plain, validate
from rl2graph.agents.on_policy_config import OnPolicyConfig
from rl2graph.diagnostics import DiagnosticError


@dataclass(frozen=True, kw_only=True)
class PPOConfig(OnPolicyConfig):
    """PPO's settings. The defaults are the paper's for continuous control (table 3), with the gradient
    clipping, eps and coefficients of its reference implementation (openai/baselines, ppo2).

    `n_steps` is per environment: with 8 of them, 256 gives the paper's 2,048 samples an update.

    `auxiliary_interval` makes it PPG, phasic policy gradient (Cobbe et al. 2020, arXiv:2009.04416): the
    spec's losses leave the objective, and are descended alone after every so many updates (the paper's N_pi,
    32), with the value loss and a penalty that holds the policy where it is. The paper has `epochs` 1.
    """

    n_steps: int = number(256, low=1, most=1_000_000, doc="vector steps in a rollout")
    minibatch_size: int = number(64, low=2, most=100_000_000, doc="samples in a minibatch")
    epochs: int = number(10, low=1, most=100_000, doc="passes over a rollout")
    value_coefficient: float = number(0.5, low=0.0, most=1e6, doc="of half the mean squared error")
    entropy_coefficient: float = number(0.0, low=0.0, most=1e6)
    normalise_advantages: bool = plain(True, doc="in each minibatch")
    clip_range: float = number(0.2, above=0.0, most=1e6, doc="of the probability ratio around 1")
    anneal_clip_range: bool = plain(False, doc="linearly to zero over the run")
    value_clip_range: float | None = number(
        None, above=0.0, most=1e30, doc="of the value, in units of the return"
    )
    target_kl: float | None = number(
        None, above=0.0, doc="an update stops after a pass whose last minibatch is beyond 1.5 times this"
    )
    auxiliary_interval: int | None = number(
        None, low=1, most=1_000_000, doc="PPG: updates between auxiliary phases"
    )
    auxiliary_epochs: int = number(6, low=1, most=100_000, doc="PPG: passes of an auxiliary phase")
    cloning_coefficient: float = number(1.0, low=0.0, most=1e6, doc="PPG: of KL(before || now) meanwhile")

    def steps_before_learning(self, num_envs: int) -> int:
        """With an auxiliary phase, until the first."""
        return super().steps_before_learning(num_envs) * (self.auxiliary_interval or 1)

    def __post_init__(self) -> None:
        validate(self, "ppo")
        defaults = {item.name: item.default for item in fields(self)}
        for name in ("auxiliary_epochs", "cloning_coefficient"):
            if self.auxiliary_interval is None and getattr(self, name) != defaults[name]:
                raise DiagnosticError.of(
                    "RLG607",
                    f"`ppo.{name}` is a setting of the auxiliary phase, which is off",
                    hint="set `ppo.auxiliary_interval`, the paper's 32, or leave it out",
                )
