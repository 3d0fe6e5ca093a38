"""Vector environments by id."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode, VectorEnv

from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import explained, find_spec
from rl2graph.workers.environments import Environments


def make(env_id: str, num_envs: int = 1, **kwargs: Any) -> Environments:
    """`num_envs` copies of a registered environment, stepped one after another in this process.

    Raises:
        DiagnosticError: RLG604 or RLG611 where they cannot be made, RLG502 where their spaces are not served.
    """
    find_spec(env_id)
    with explained(env_id):
        # The mode is always stated: left out, gymnasium picks a different class for some environments.
        vector: VectorEnv[Any, Any, Any] = gymnasium.make_vec(
            env_id,
            num_envs=num_envs,
            vectorization_mode="sync",
            vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
            **kwargs,
        )
    try:
        return Environments(vector)
    except DiagnosticError:
        vector.close()
        raise
