"""Collecting a rollout: what is stored of each step, and what is to be learned from all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents.base import ActOutput, Array, Flags, Step, successor
from rl2graph.agents.network import Network
from rl2graph.agents.rollouts import Rollout
from rl2graph.memory.rollout import RolloutMemory
from rl2graph.memory.trees import Tree, first_leaf, map_tree

Targets = Callable[[Array, Array, Array, Array, Array], tuple[Array, Array]]
"""From rewards, values, values of each step's own successor, terminated and truncated, each `[T, B]`, to
advantages and returns, `[T, B]`."""


class Collector:
    """Fills a memory with vector steps, each valued as it should be, and reads it when it is full.

    Args:
        network: values what is seen last.
        make_memory: makes the memory for so many environments, given examples of what it is to keep.
    """

    def __init__(self, network: Network, make_memory: Callable[..., RolloutMemory]) -> None:
        self.memory: RolloutMemory | None = None
        self.next_obs: Tree = None
        self._cut: list[tuple[int, Flags, Tree, dict[str, Tensor]]] = []
        self._network, self._make_memory = network, make_memory

    @property
    def started(self) -> bool:
        """Whether anything was ever stored, so that the number of environments is known."""
        return self.memory is not None

    @property
    def full(self) -> bool:
        """Whether the rollout is whole."""
        return self.memory is not None and self.memory.full

    def add(self, obs: Tree, output: ActOutput, step: Step) -> None:
        """Stores one vector step; an episode cut short is valued at its true last observation.

        Raises:
            ValueError: that observation is not given.
        """
        network = self._network
        if self.memory is None:
            self.memory = self._make_memory(
                len(first_leaf(obs)),
                obs=network.cast(obs),
                action=output.action,
                state=_arrays(output.state),
                keeps_next_obs=network.reads("next_obs"),
            )
        memory = self.memory
        network.collect(obs, *memory.following, step.valid)
        self._keep_cut(memory.position, output, step)
        memory.store(
            obs=obs,
            action=output.action,
            log_prob=output.log_prob,
            value=output.value,
            reward=step.reward,
            terminated=step.terminated,
            truncated=step.truncated,
            valid=step.valid,
            resets=step.resets,
            state=_arrays(output.state),
            final_value=self._final_values(step.truncated, step.final_obs, output.state),
            next_obs=successor(step) if network.reads("next_obs") else None,
        )
        self.next_obs = step.obs

    def _final_values(self, rows: Flags, final_obs: Tree | None, state: Mapping[str, Tensor]) -> Array | None:
        """V of the last observations of episodes that were cut short, in the states that they ended in;
        `[B]`, zeros in other rows; None where none was cut short.
        """
        if not rows.any():
            return None
        if final_obs is None:
            raise ValueError("an episode was cut short and its last observation, `final_obs`, is not given")
        value = np.zeros(len(rows), np.float32)
        value[rows] = self._network.value(
            map_tree(lambda part: part[rows], final_obs),
            {name: part[torch.from_numpy(rows)] for name, part in state.items()},
        )
        return value

    def _keep_cut(self, t: int, output: ActOutput, step: Step) -> None:
        """Keeps what episodes that were cut short ended in, where statistics move before it counts."""
        if self._network.moves_statistics and step.final_obs is not None and step.truncated.any():
            self._cut.append((t, step.truncated, step.final_obs, dict(output.state)))

    def rollout(self, targets: Targets) -> Rollout:
        """The whole rollout, with what `targets` makes of it."""
        memory, network = self.memory, self._network
        if memory is None or not memory.full:
            raise RuntimeError("a rollout is learned from when it is whole: update when the agent is `ready`")
        if network.moves_statistics and not network.noisy:  # drawn noise is gone, and with it the likelihood
            self._refresh(memory)
        bootstrap = network.value(self.next_obs, *memory.following)
        advantages, returns = targets(
            memory.reward,
            memory.value,
            memory.next_values(bootstrap),
            memory.terminated,
            memory.truncated,
        )
        given = {
            "act": memory.action,
            "next_obs": memory.next_obs,
            "reward": memory.reward,
            # What was cut off is not done: its last observation has a value still.
            "done": memory.terminated.astype(np.float32),
            "returns": returns,
        }
        read = {name: column for name, column in given.items() if network.reads(name)}
        return Rollout(
            inputs={"obs": memory.obs, **read},
            samples={
                "action": memory.action,
                "log_prob": memory.log_prob,
                "value": memory.value,
                "advantage": advantages,
                "return": returns,
            },
            valid=memory.valid,
            device=network.device,
            resets=memory.resets,
            sequence_length=memory.sequence_length if network.recurrent else None,
            states=memory.states,
        )

    def _refresh(self, memory: RolloutMemory) -> None:
        """Takes log-probabilities and values anew: the statistics have moved since, and no ratio is due to
        that.
        """
        out = self._network.evaluate_rollout(memory.obs, memory.states, memory.resets)
        action = map_tree(self._network.put, memory.action)
        log_prob, _ = self._network.distribution.log_prob_entropy(out.params, action)
        memory.log_prob[:] = log_prob.cpu().numpy()
        memory.value[:] = out.value.cpu().numpy()
        for t, rows, final_obs, state in self._cut:
            memory.final_value[t] = self._final_values(rows, final_obs, state)

    def clear(self) -> None:
        """Drops the rollout; what recurrent models carry runs on."""
        assert self.memory is not None
        self.memory.clear()
        self._cut = []

    def forget(self) -> None:
        """Starts over in other environments."""
        self.memory = None
        self._cut = []


def _arrays(state: Mapping[str, Tensor]) -> dict[str, Array]:
    return {name: part.cpu().numpy() for name, part in state.items()}
