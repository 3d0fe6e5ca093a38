"""PPO's settings."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.agents.fields import choice, number, plain, validate
from rl2graph.diagnostics import DiagnosticError


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """PPO's settings. The defaults are the paper's for continuous control (table 3), with the gradient
    clipping, eps and coefficients of its reference implementation (openai/baselines, ppo2).

    `n_steps` is per environment: with 8 of them, 256 gives the paper's 2,048 samples an update.
    """

    n_steps: int = number(256, low=1, most=1_000_000, doc="vector steps in a rollout")
    minibatch_size: int = number(64, low=2, most=100_000_000, doc="samples in a minibatch")
    epochs: int = number(10, low=1, most=100_000, doc="passes over a rollout")
    learning_rate: float = number(3e-4, above=0.0, most=100.0)
    anneal_learning_rate: bool = plain(False, doc="linearly to zero over the run")
    gamma: float = number(0.99, low=0.0, high=1.0, doc="discount per step")
    gae_lambda: float = number(0.95, low=0.0, high=1.0)
    clip_range: float = number(0.2, above=0.0, most=1e6, doc="of the probability ratio around 1")
    anneal_clip_range: bool = plain(False, doc="linearly to zero over the run")
    value_clip_range: float | None = number(
        None, above=0.0, most=1e30, doc="of the value, in units of the return"
    )
    value_coefficient: float = number(0.5, low=0.0, most=1e6)
    entropy_coefficient: float = number(0.0, low=0.0, most=1e6)
    normalise_advantages: bool = plain(True, doc="in each minibatch")
    max_grad_norm: float = number(0.5, above=0.0)
    target_kl: float | None = number(None, above=0.0, doc="ends an update's epochs beyond 1.5 times this")
    adam_eps: float = number(1e-5, above=0.0, most=1.0)
    driver: str = choice("eager", ("eager", "compiled"))

    def __post_init__(self) -> None:
        validate(self, "ppo")


def check_rollout(config: PPOConfig, num_envs: int) -> None:
    """Raises RLG607 where a rollout of `num_envs` environments is smaller than one minibatch."""
    rows = config.n_steps * num_envs
    if config.minibatch_size > rows:
        raise DiagnosticError.of(
            "RLG607",
            f"`ppo.minibatch_size` is {config.minibatch_size}, and a rollout has only {rows} samples",
            hint=f"a rollout has ppo.n_steps ({config.n_steps}) times run.num_envs ({num_envs})",
        )
