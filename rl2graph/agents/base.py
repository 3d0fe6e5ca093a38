"""What a Worker asks of an Agent, and what an Agent asks of a Model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from rl2graph.spaces import Discrete, Image, MultiBinary, MultiDiscrete, Space

Array = NDArray[Any]
Flags = NDArray[np.bool_]


class Model(Protocol):
    """The part of a CompiledModel that agents use; any nn.Module with these serves."""

    @property
    def outputs(self) -> Sequence[Any]: ...
    @property
    def spec_text(self) -> str: ...
    @property
    def imported_files(self) -> Mapping[str, str]: ...
    @property
    def observation_space(self) -> Space | None: ...
    @property
    def action_space(self) -> Space | None: ...
    @property
    def collects_statistics(self) -> bool: ...
    def entry(self, outputs: Sequence[str], *, mode: Any = ...) -> nn.Module: ...
    def commit(self, statistics: Mapping[str, Tensor]) -> None: ...
    def named_parameters(self) -> Any: ...
    def state_dict(self) -> Any: ...
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class ActOutput:
    """What an agent decided, batch first.

    Attributes:
        action: int64 `[B]`, counted from 0, or float32 `[B, *shape]`, unclipped.
        log_prob: float32 `[B]`, of that action.
        value: float32 `[B]`, V(obs).
    """

    action: Array
    log_prob: Array
    value: Array


@dataclass(frozen=True, slots=True)
class Step:
    """One vector step of the environments.

    Attributes:
        obs: `[B, ...]`, what to act on next (the reset observation, where the environment resets at once).
        reward: float32 `[B]`.
        terminated: bool `[B]`.
        truncated: bool `[B]`.
        valid: bool `[B]`; False where this step only reset an environment and the action went unused.
        final_obs: `[B, ...]`, the true last observation in the rows where an episode ended, other rows
            unspecified; None where no episode ended.
    """

    obs: Array
    reward: Array
    terminated: Flags
    truncated: Flags
    valid: Flags
    final_obs: Array | None


class Agent(Protocol):
    """An algorithm over a model: acts, remembers, and updates when it is ready."""

    @property
    def model(self) -> Model: ...

    def act(self, obs: Array, *, greedy: bool = False) -> ActOutput: ...

    def remember(self, obs: Array, output: ActOutput, step: Step) -> None: ...

    @property
    def ready(self) -> bool: ...

    def update(self, progress: float = 0.0) -> dict[str, float]: ...

    def optimiser_tensors(self) -> dict[str, Tensor]: ...

    def load_optimiser(self, tensors: Mapping[str, Tensor]) -> None: ...

    def memory_arrays(self) -> dict[str, Array]: ...

    def load_memory(self, _arrays: Mapping[str, Array]) -> None: ...

    def counters(self) -> dict[str, Any]: ...

    def load_counters(self, counters: Mapping[str, Any]) -> None: ...


def observation_dtype(space: Space) -> np.dtype[Any]:
    """How observations of `space` are held: images as uint8, choices as int64, others as float32."""
    if isinstance(space, Image):
        return np.dtype(np.uint8)
    counted = isinstance(space, Discrete | MultiDiscrete | MultiBinary)
    return np.dtype(np.int64) if counted else np.dtype(np.float32)
