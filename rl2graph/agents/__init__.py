"""The algorithms: what acts, and what learns."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.agents.a2c import A2C
    from rl2graph.agents.a2c_config import A2CConfig
    from rl2graph.agents.algorithms import register
    from rl2graph.agents.on_policy import OnPolicyAgent
    from rl2graph.agents.on_policy_config import OnPolicyConfig
    from rl2graph.agents.ppo import PPO
    from rl2graph.agents.ppo_config import PPOConfig

__all__ = ["A2C", "PPO", "A2CConfig", "OnPolicyAgent", "OnPolicyConfig", "PPOConfig", "register"]

_HOMES = {
    "A2C": "a2c",
    "A2CConfig": "a2c_config",
    "OnPolicyAgent": "on_policy",
    "OnPolicyConfig": "on_policy_config",
    "PPO": "ppo",
    "PPOConfig": "ppo_config",
    "register": "algorithms",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rl2graph.agents.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
