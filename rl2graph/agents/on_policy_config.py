"""Settings that on-policy algorithms have in common."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.agents.fields import choice, number, plain
from rl2graph.diagnostics import DiagnosticError


@dataclass(frozen=True, kw_only=True)
class OnPolicyConfig:
    """How rollouts are collected and descended. `n_steps` is per environment: RL2's train interval."""

    n_steps: int = number(128, low=1, most=1_000_000, doc="vector steps in a rollout")
    learning_rate: float = number(3e-4, above=0.0, most=100.0)
    anneal_learning_rate: bool = plain(False, doc="linearly to zero over the run")
    gamma: float = number(0.99, low=0.0, high=1.0, doc="discount per step")
    gae_lambda: float = number(0.95, low=0.0, high=1.0)
    max_grad_norm: float = number(0.5, above=0.0)
    optimiser: str = choice("adam", ("adam", "rmsprop"))
    optimiser_eps: float = number(1e-5, above=0.0, most=1.0)
    sequence_length: int | None = number(
        None, low=1, most=1_000_000, doc="steps of a recurrent model's sequences; none for whole rollouts"
    )
    driver: str = choice("eager", ("eager", "compiled"))

    def steps_before_learning(self, num_envs: int) -> int:
        """Environment steps until all that is to be learned was learned once."""
        return self.n_steps * num_envs


def check_recurrence(config: OnPolicyConfig, algorithm: str, recurrent: bool) -> None:
    """Raises RLG607 where the settings do not go together with a model's recurrence or the lack of it."""
    length = config.sequence_length
    if recurrent and config.driver == "compiled":
        raise DiagnosticError.of(
            "RLG607",
            f"`{algorithm}.driver` cannot be compiled: the model is recurrent, and its sequences run eager",
            hint="leave it out",
        )
    if recurrent and length is not None and config.n_steps % length:
        raise DiagnosticError.of(
            "RLG607",
            f"`{algorithm}.sequence_length` is {length}, which does not divide the rollout's"
            f" {config.n_steps} steps",
        )
    if not recurrent and length is not None:
        raise DiagnosticError.of(
            "RLG607", f"`{algorithm}.sequence_length` is {length}, and nothing in the model is recurrent"
        )
