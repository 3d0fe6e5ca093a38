"""A rollout as tensors, cut into minibatches: of single steps, or of whole sequences for recurrent models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents.base import Array, Flags
from rl2graph.memory.trees import Tree, map_tree

Batch = Mapping[str, Any]
Stats = dict[str, Tensor]
"""What is reported of one step of an optimiser, scalars by name."""


@dataclass(frozen=True)
class Rollout:
    """What was collected, and what is to be learned from it.

    Attributes:
        inputs: `[T, B, ...]` by name, what the network reads: `obs`, and further inputs of the spec's losses.
        samples: `[T, B, ...]` by name, what the losses read of each step: `action`, `advantage`, …
        valid: `[T, B]`, False where a step only reset its environment.
        device: where minibatches go.
        sequence_length: L of a recurrent model's sequences; None for a feed-forward one.
        states: `[T / L, B, ...]`, its state before the first step of each.
        resets: `[T, B]`, whether its state is zero before that step.
    """

    inputs: Mapping[str, Tree]
    samples: Mapping[str, Tree]
    valid: Flags
    device: torch.device
    resets: Array
    sequence_length: int | None = None
    states: Tree = field(default_factory=dict)

    def minibatches(self, rng: np.random.Generator, size: int | None = None) -> Iterator[Batch]:
        """Batches in an order drawn from `rng`, together all valid steps.

        A batch has the samples by name, `[N, ...]`, and under `inputs` what the network takes: `[N, ...]`, or
        for a recurrent model whole sequences `[L, S, ...]`, with `state` `[S, ...]` and `resets` `[L, S]`.
        Sequences are cut between environments and at every L steps, nowhere else. Where some of their steps
        only reset, the samples leave those out, and `rows` `[N]` says which of the `L * S` they are.

        Batches are of one size, so that a compiled update compiles once: where they do not come out even, the
        last is filled up from the start of the order.

        Args:
            rng: draws the order.
            size: steps in a batch, for sequences rounded down to whole ones, at least one; None for one batch
                of all valid steps, however many there are.
        """
        if self.sequence_length is None:
            yield from self._of_steps(rng, size)
        else:
            yield from self._of_sequences(rng, size, self.sequence_length)

    def _of_steps(self, rng: np.random.Generator, size: int | None) -> Iterator[Batch]:
        flat = map_tree(lambda part: self._tensor(part).flatten(0, 1), self._columns())
        rows = rng.permutation(self.valid.size)
        if not self.valid.all():
            rows = rows[self.valid.reshape(-1)[rows]]
        for chosen in _evenly(rows, size):
            index = self._tensor(chosen)
            yield map_tree(lambda column, index=index: column[index], flat)

    def _of_sequences(self, rng: np.random.Generator, size: int | None, length: int) -> Iterator[Batch]:
        columns = map_tree(lambda part: self._tensor(in_sequences(part, length)), self._columns())
        states = map_tree(lambda part: self._tensor(part).flatten(0, 1), self.states)
        resets = self._tensor(in_sequences(self.resets, length))
        valid = in_sequences(self.valid, length)
        count = None if size is None else max(1, size // length)
        for chosen in _evenly(rng.permutation(valid.shape[1]), count):
            index = self._tensor(chosen)
            batch: dict[str, Any] = map_tree(lambda column, index=index: column[:, index], columns)
            inputs = batch.pop("inputs")
            inputs["state"] = map_tree(lambda part, index=index: part[index], states)
            inputs["resets"] = resets[:, index]
            batch = map_tree(lambda column: column.flatten(0, 1), batch)
            kept = valid[:, chosen].reshape(-1)
            if not kept.any():
                continue
            if not kept.all():
                rows = self._tensor(np.flatnonzero(kept))
                batch = map_tree(lambda column, rows=rows: column[rows], batch) | {"rows": rows}
            yield batch | {"inputs": inputs}

    def _columns(self) -> dict[str, Tree]:
        return {**self.samples, "inputs": dict(self.inputs)}

    def _tensor(self, array: Array) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def means(steps: list[Stats]) -> dict[str, float]:
    """Means of what was reported of several steps; nothing of none, as where environments did but reset."""
    names = steps[0] if steps else {}
    return {name: float(torch.stack([step[name] for step in steps]).mean()) for name in names}


def _evenly(order: Array, size: int | None) -> Iterator[Array]:
    """`order` in pieces of `size`, the last filled up from its start; nothing where there is nothing."""
    if not len(order):
        return
    size = len(order) if size is None else size
    count = -(-len(order) // size)
    yield from np.resize(order, count * size).reshape(count, size)


def in_sequences(column: Array, length: int) -> Array:
    """`[T, B, ...]` as sequences `[L, T / L * B, ...]`, those of a stretch of time beside each other."""
    steps, envs, *rest = column.shape
    cut = column.reshape(steps // length, length, envs, *rest)
    return np.moveaxis(cut, 0, 1).reshape(length, -1, *rest)


def out_of_sequences(sequences: Tensor, steps: int, envs: int) -> Tensor:
    """The inverse of `in_sequences`, for tensors: `[L, T / L * B, ...]` as `[T, B, ...]`."""
    length, _, *rest = sequences.shape
    return sequences.reshape(length, steps // length, envs, *rest).transpose(0, 1).reshape(steps, envs, *rest)
