"""Defaults for families of environments: settings that were measured there, above the algorithm's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium.envs.registration import EnvSpec

Tables = Mapping[str, Mapping[str, Any]]

# Short episodes, cheap steps, small networks: short rollouts, small minibatches, everything annealed to zero.
# docs/algorithms.md has what they reach on CartPole-v1. Minibatches of 256 left some seeds near 240, and
# value coefficients of 0.1 and 0.02 some below 475, while these were chosen.
_CLASSIC_CONTROL: Tables = {
    "run": {"num_envs": 8},
    "ppo": {
        "n_steps": 128,
        "minibatch_size": 128,
        "epochs": 10,
        "learning_rate": 1e-3,
        "anneal_learning_rate": True,
        "anneal_clip_range": True,
    },
    # RMSprop, the paper's, left some seeds between 320 and 470 on CartPole-v1, Adam none of four below 500.
    "a2c": {
        "n_steps": 16,
        "learning_rate": 2e-3,
        "gae_lambda": 0.95,
        "entropy_coefficient": 0.0,
        "optimiser": "adam",
    },
}

# Pendulum pays at every step for the angle that it is at: a short horizon learns where gamma 0.99 does not.
_PENDULUM: Tables = {
    **_CLASSIC_CONTROL,
    "ppo": {**_CLASSIC_CONTROL["ppo"], "gamma": 0.9},
    "a2c": {**_CLASSIC_CONTROL["a2c"], "gamma": 0.9},
}

# The longest prefix of the environment's module counts.
_BY_MODULE: dict[str, tuple[str, Tables]] = {
    "gymnasium.envs.classic_control": ("classic-control", _CLASSIC_CONTROL),
    "gymnasium.envs.classic_control.pendulum": ("pendulum", _PENDULUM),
}


def family_defaults(spec: EnvSpec | None) -> tuple[str, Tables]:
    """The family that an environment belongs to, and its settings by table; `("", {})` for none.

    Families are told by the module that the environment's class comes from, not by its name.
    """
    entry_point = spec.entry_point if spec is not None else None
    if isinstance(entry_point, str):
        module = entry_point.split(":", 1)[0]
        for prefix in sorted(_BY_MODULE, key=len, reverse=True):
            if module == prefix or module.startswith(prefix + "."):
                return _BY_MODULE[prefix]
    return "", {}
