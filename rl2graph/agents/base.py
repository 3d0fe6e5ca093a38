"""What a Worker asks of an Agent, and what an Agent asks of a Model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rl2graph.memory.trees import Tree, map_tree
from rl2graph.spaces import Discrete, Image, Leaf, MultiBinary, MultiDiscrete, Space

Array = NDArray[Any]
Flags = NDArray[np.bool_]


class EntryPoint(Protocol):
    """The part of an Entry that agents use: a module from inputs to outputs by name."""

    @property
    def input_names(self) -> Sequence[str]: ...
    @property
    def state_schema(self) -> Mapping[str, Any]: ...
    @property
    def noise_schema(self) -> Mapping[str, Any]: ...
    def initial_state(self, *batch: int) -> dict[str, Tensor]: ...
    def draw_noise(self, batch: Sequence[int], *, seed: int, counter: int) -> dict[str, Tensor]: ...
    def named_parameters(self) -> Any: ...
    def __call__(self, *args: Any, **inputs: Any) -> dict[str, Any]: ...


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
    @property
    def learning_rates(self) -> Mapping[str, float]: ...
    def entry(self, outputs: Sequence[str], *, mode: Any = ...) -> EntryPoint: ...
    def commit(self, statistics: Mapping[str, Tensor]) -> None: ...
    def named_parameters(self) -> Any: ...
    def to(self, device: Any) -> Any: ...
    def state_dict(self) -> Any: ...
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class ActOutput:
    """What an agent decided, batch first.

    Attributes:
        action: int64 `[B]`, counted from 0, for a Discrete space, `[B, n]` for MultiDiscrete and MultiBinary;
            float32 `[B, *shape]`, unclipped, for a Box; a mapping of such for Dict and Tuple.
        log_prob: float32 `[B]`, of that action, its parts together.
        value: float32 `[B]`, V(obs).
        state: what a recurrent model carries to the next step, tensors `[B, ...]` by name; empty for others.
    """

    action: Tree
    log_prob: Array
    value: Array
    state: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One vector step of the environments.

    Attributes:
        obs: `[B, ...]`, what to act on next (the reset observation, where the environment resets at once); a
            mapping of such where the observation has parts.
        reward: float32 `[B]`, what is learned from.
        terminated: bool `[B]`.
        truncated: bool `[B]`.
        valid: bool `[B]`; False where this step only reset an environment and the action went unused.
        final_obs: `[B, ...]`, the true last observation in the rows where an episode ended, other rows
            unspecified; None where no episode ended.
        raw_reward: float32 `[B]`, the environment's own where `reward` was normalised or clipped; None where
            the two are the same.
    """

    obs: Tree
    reward: Array
    terminated: Flags
    truncated: Flags
    valid: Flags
    final_obs: Tree | None
    raw_reward: Array | None = None

    @property
    def resets(self) -> Flags:
        """Bool `[B]`: whether another episode begins at `obs`, before which recurrent state is zero.

        In the step that only reset an environment the state ran on over the episode's last observation, so it
        is zero after that one, too.
        """
        return self.terminated | self.truncated | ~self.valid


class Agent(Protocol):
    """An algorithm over a model: acts, remembers, and updates when it is ready."""

    @property
    def model(self) -> Model:
        """What it trains, in place."""
        ...

    def begin(self) -> None:
        """Environments start anew: nothing of an unfinished rollout counts any more."""
        ...

    def act(
        self,
        obs: Tree,
        *,
        state: Mapping[str, Tensor] | None = None,
        resets: Flags | None = None,
        greedy: bool = False,
    ) -> ActOutput:
        """Actions for observations `[B, ...]`, with `state` and `resets` of the step before. Greedy acting
        draws no numbers and changes nothing.
        """
        ...

    def remember(self, obs: Tree, output: ActOutput, step: Step) -> None:
        """Takes in one vector step: what was seen, decided, and what came of it. Arrays are copied."""
        ...

    @property
    def ready(self) -> bool:
        """Whether `update` is due."""
        ...

    def update(self, progress: float = 0.0) -> dict[str, float]:
        """Learns, at `progress` (0 to 1) of the run; returns what is to be logged."""
        ...

    def training_plan(self) -> list[dict[str, Any]]:
        """Which losses each optimiser descends for which owners, JSON-ready (`contracts.training`)."""
        ...

    def optimiser_tensors(self) -> dict[str, Tensor]:
        """The optimisers' own tensors by name, not copies."""
        ...

    def load_optimiser(self, tensors: Mapping[str, Tensor]) -> None:
        """Copies a saved state into them."""
        ...

    def memory_arrays(self) -> dict[str, Array]:
        """What of its memory a run goes on with, by name, not copies."""
        ...

    def load_memory(self, _arrays: Mapping[str, Array]) -> None:
        """Goes on with saved memory."""
        ...

    def counters(self) -> dict[str, Any]:
        """Counters and random streams, JSON-ready."""
        ...

    def load_counters(self, counters: Mapping[str, Any]) -> None:
        """Goes on from saved ones."""
        ...


def successor(step: Step) -> Tree:
    """What each step led to: the true last observation where an episode ended, else the next one."""
    if step.final_obs is None:
        return step.obs
    ended = step.terminated | step.truncated

    def chosen(final: Array, following: Array) -> Array:
        return np.where(ended.reshape(-1, *[1] * (final.ndim - 1)), final, following)

    return map_tree(chosen, step.final_obs, step.obs)


def observation_dtype(space: Leaf) -> np.dtype[Any]:
    """How observations of `space` are held: images as uint8, choices as int64, others as float32."""
    if isinstance(space, Image):
        return np.dtype(np.uint8)
    counted = isinstance(space, Discrete | MultiDiscrete | MultiBinary)
    return np.dtype(np.int64) if counted else np.dtype(np.float32)
