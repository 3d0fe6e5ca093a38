"""The algorithms by name: contract, settings and agent of each, the built-in ones and those of users."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from rl2graph.agents.a2c import A2C
from rl2graph.agents.network import ENTRIES
from rl2graph.agents.on_policy import OnPolicyAgent
from rl2graph.agents.on_policy_config import OnPolicyConfig
from rl2graph.agents.ppo import PPO
from rl2graph.contracts import CONTRACTS, Contract, contract_of
from rl2graph.contracts.faults import faults

AgentClass = type[OnPolicyAgent[Any]]

ALGORITHMS: dict[str, AgentClass] = {agent.contract.algorithm: agent for agent in (PPO, A2C)}
"""Agents by the algorithm's canonical name."""

TABLES = ("run", "env", "params")
"""Tables of a configuration beside that of an algorithm, which has the algorithm's name."""


def algorithm_named(name: str) -> AgentClass:
    """The agent of an algorithm, its name in any case.

    Raises:
        DiagnosticError: RLG506.
    """
    return ALGORITHMS[contract_of(name).algorithm]


def register(agent: AgentClass) -> AgentClass:
    """Makes an algorithm known by its contract's name: to `compile(algo=…)`, `train` and `check`.

    Usable as a class decorator. Registering the same class again changes nothing.

    Raises:
        ValueError: the name is another algorithm's, or cannot be one; or the contract or the type of settings
            is missing, or not what an on-policy agent works by.
    """
    fault = next(_faults(agent), None)
    if fault is not None:
        raise ValueError(f"{getattr(agent, '__qualname__', agent)} cannot be registered: {fault}")
    name = agent.contract.algorithm
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


def _faults(agent: Any) -> Iterator[str]:
    """What stands in the way of an agent."""
    if not (isinstance(agent, type) and issubclass(agent, OnPolicyAgent)):
        yield "it is no class that derives OnPolicyAgent"
        return
    settings = getattr(agent, "config_type", None)
    if not (isinstance(settings, type) and issubclass(settings, OnPolicyConfig)):
        yield "its config_type is no class that derives OnPolicyConfig"
    elif "__dataclass_params__" not in vars(settings) or not vars(settings)["__dataclass_params__"].frozen:
        yield f"its config_type {settings.__qualname__} is no frozen dataclass of its own"
    contract = getattr(agent, "contract", None)
    if not isinstance(contract, Contract):
        yield "its contract is no Contract"
        return
    yield from _faults_of_name(contract.algorithm)
    missing = [role for role in ("pi", "v") if role not in contract.roles]
    missing += sorted(ENTRIES - {entry.name for entry in contract.entries})
    if missing:
        yield (
            "the contract of an on-policy algorithm has the roles pi and v and the entries act, learn and"
            f" value; missing are {', '.join(missing)}"
        )
    yield from faults(contract)


def _faults_of_name(name: str) -> Iterator[str]:
    if not name.isidentifier() or name != name.lower() or iskeyword(name):
        yield f"an algorithm's name is a lower-case identifier, not {name!r}"
    if name in TABLES:
        yield f"{name!r} is the name of another table of a run's configuration"
    if name == "auto":
        yield "'auto' stands for the algorithm that a spec's roles choose"
