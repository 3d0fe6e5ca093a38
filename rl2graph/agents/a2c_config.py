"""A2C's settings."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.agents.fields import choice, number, plain, validate
from rl2graph.agents.on_policy_config import OnPolicyConfig


@dataclass(frozen=True, kw_only=True)
class A2CConfig(OnPolicyConfig):
    """A2C's settings. The defaults are those of A3C's paper (Mnih et al. 2016, arXiv:1602.01783, section 5
    and supplement 8), and what it leaves open those of the reference implementation (openai/baselines, a2c):
    learning rate, eps, clipping by the norm, and the weight of the value loss.
    """

    n_steps: int = number(5, low=1, most=1_000_000, doc="vector steps in a rollout")
    learning_rate: float = number(7e-4, above=0.0, most=100.0)
    anneal_learning_rate: bool = plain(True, doc="linearly to zero over the run")
    gae_lambda: float = number(1.0, low=0.0, high=1.0, doc="1 for returns up to the rollout's end")
    value_coefficient: float = number(1.0, low=0.0, most=1e6, doc="of half the mean squared error")
    entropy_coefficient: float = number(0.01, low=0.0, most=1e6)
    normalise_advantages: bool = plain(False, doc="over the rollout")
    optimiser: str = choice("rmsprop", ("adam", "rmsprop"))

    def __post_init__(self) -> None:
        validate(self, "a2c")
