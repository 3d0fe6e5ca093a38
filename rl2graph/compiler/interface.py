"""What a spec is compiled for: the spaces, and the inputs that there are."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.compiler.type_names import space_from_text
from rl2graph.spaces import Space, action_space

INPUTS: dict[str, str] = {
    "obs": "an observation",
    "act": "the float encoding of an action",
    "next_obs": "the observation after the action",
    "reward": "the reward of the action",
    "done": "1 where the episode ended there, else 0",
    "global_state": "the state of a multi-agent environment",
    "agent_id": "which agent this is, as a one-hot vector",
}
"""Inputs that exist without a declaration: `obs` and `act`, and what some environments give."""

OF_GROUPS = ("global_state", "agent_id")


@dataclass(frozen=True, slots=True)
class Interface:
    """The spaces that a spec is compiled for; None where one is not known.

    `groups` are the environment's groups of agents: none in a single-agent one, None where nobody said.
    `agents` are the names of agents that all have these spaces, in the environment's order; None where nobody
    said.
    """

    observation: Space | None = None
    action: Space | None = None
    groups: tuple[str, ...] | None = None
    agents: tuple[str, ...] | None = None

    @classmethod
    def of_texts(cls, observation: str | None, action: str | None) -> Interface:
        """The interface of spaces that are written as `--obs` and `--act` take them.

        Raises:
            DiagnosticError: for a type that is none, or none of actions.
        """
        return cls(
            None if observation is None else space_from_text(observation, "--obs"),
            None if action is None else action_space(space_from_text(action, "--act")),
        )

    def space(self, name: str) -> Space | None:
        return {"obs": self.observation, "act": self.action, "next_obs": self.observation}.get(name)
