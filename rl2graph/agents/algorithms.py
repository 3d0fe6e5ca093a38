"""The algorithms by name: contract, settings and agent of each, the built-in ones and those of users."""

from __future__ import annotations

from typing import Any

from rl2graph.agents.a2c import A2C
from rl2graph.agents.on_policy import OnPolicyAgent
from rl2graph.agents.ppo import PPO
from rl2graph.contracts import CONTRACTS
from rl2graph.diagnostics import DiagnosticError, did_you_mean

AgentClass = type[OnPolicyAgent[Any]]

ALGORITHMS: dict[str, AgentClass] = {agent.contract.algorithm: agent for agent in (PPO, A2C)}
"""Agents by the algorithm's canonical name."""

TABLES = ("run", "env", "params")
"""Tables of a configuration beside that of an algorithm, which has the algorithm's name."""


def algorithm_named(name: str) -> AgentClass:
    """The agent of an algorithm.

    Raises:
        DiagnosticError: RLG506.
    """
    if name not in ALGORITHMS:
        hint = did_you_mean(name, ALGORITHMS) or f"known are {', '.join(ALGORITHMS)}"
        raise DiagnosticError.of("RLG506", f"no algorithm is called `{name}`", hint=hint)
    return ALGORITHMS[name]


def register(agent: AgentClass) -> AgentClass:
    """Makes an algorithm known by its contract's name: to `compile(algo=…)`, `train` and `check`.

    Usable as a class decorator. Registering the same class again changes nothing.

    Raises:
        ValueError: the name is another algorithm's, or no lower-case identifier.
    """
    name = agent.contract.algorithm
    if not name.isidentifier() or name != name.lower():
        raise ValueError(f"an algorithm's name is a lower-case identifier, not {name!r}")
    if name in TABLES:
        raise ValueError(f"{name!r} is the name of another table of a run's configuration")
    taken = ALGORITHMS.get(name)
    same = taken is not None and (taken.__module__, taken.__qualname__) == (
        agent.__module__,
        agent.__qualname__,
    )
    if taken is not None and not same:
        raise ValueError(f"{name!r} is the name of {taken.__qualname__} already")
    ALGORITHMS[name] = agent
    CONTRACTS[name] = agent.contract
    return agent
