"""The algorithms: what acts, and what learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.agents.ppo import PPO
    from rl2graph.agents.ppo_config import PPOConfig

__all__ = ["PPO", "PPOConfig"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from rl2graph.agents import ppo

        return getattr(ppo, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
