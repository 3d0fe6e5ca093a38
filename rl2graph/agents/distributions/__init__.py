"""Action distributions, from the parameters that a policy head gives."""

from __future__ import annotations

from rl2graph.agents.distributions.base import Distribution
from rl2graph.agents.distributions.choices import Bernoulli, Categorical, MultiCategorical
from rl2graph.agents.distributions.gaussian import DiagonalGaussian
from rl2graph.agents.distributions.joint import Joint, Part
from rl2graph.contracts.heads import policy_kind, policy_width
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Record, Space


def distribution_for(head: str, action_space: Space | None) -> Distribution:
    """The distribution of a policy head of kind `head` over `action_space`.

    Kinds are `categorical`, `gaussian`, and `joint` for an action of parts.

    Raises:
        DiagnosticError: RLG504 where the two do not go together.
    """
    if action_space is not None and head == policy_kind(action_space):
        made = _distribution(action_space)
        if made is not None:
            return made
    raise DiagnosticError.of(
        "RLG504",
        f"a {head} policy head cannot act in {action_space}",
        hint="write `pi = head(...)`: the head of role pi takes its distribution from the action space",
    )


def _distribution(space: Space) -> Distribution | None:
    """The distribution over a space; None where none serves it."""
    match space:
        case Discrete():
            return Categorical()
        case MultiDiscrete():
            return MultiCategorical(space.counts)
        case MultiBinary():
            return Bernoulli()
        case Box() if space.tensor_type.known:
            return DiagonalGaussian(space.dims)
        case Record() if space.fields:
            return _joint(space)
    return None


def _joint(space: Record) -> Joint | None:
    parts = []
    for name, part in space.fields:
        distribution, width = _distribution(part), policy_width(part)
        if distribution is None or width is None:
            return None
        parts.append(Part(name, distribution, width))
    return Joint(tuple(parts))


__all__ = [
    "Bernoulli",
    "Categorical",
    "DiagonalGaussian",
    "Distribution",
    "Joint",
    "MultiCategorical",
    "Part",
    "distribution_for",
]
