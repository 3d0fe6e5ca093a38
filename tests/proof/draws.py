"""What a graph is run on: inputs, weights, state, resets and noise, each by a seed and its own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from typing import Any

import torch
from torch import Tensor

from rl2graph.ir.graph import TARGET, Graph, Owner, owners_in
from rl2graph.ir.slots import is_recurrent, noise_schema, state_schema

EDGES = (0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1.0, -1.0, 5e-324, 1e300, 0.5)
"""What the first sample holds where edges are asked for: that is where claims about bits go wrong."""

DTYPES = {"f32": torch.float64, "u8": torch.uint8, "i64": torch.int64}


@dataclass(frozen=True, slots=True)
class Draw:
    """What to run a graph on, in float64; `state`, `resets` and `noise` are None where it takes none."""

    batch: tuple[int, ...]
    inputs: dict[str, Any]
    weights: dict[str, Tensor]
    target: dict[str, Tensor]
    state: dict[str, Tensor] | None
    resets: Tensor | None
    noise: dict[str, Tensor] | None

    @property
    def conditions(self) -> dict[str, Any]:
        """State, resets and noise, as entries take them."""
        given = {"state": self.state, "resets": self.resets, "noise": self.noise}
        return {name: value for name, value in given.items() if value is not None}


def draw(graph: Graph, seed: int, batch: Sequence[int] | None = None, edges: bool = False) -> Draw:
    """A random draw for a graph: `[batch]`, or a sequence `[time, batch]` where it is recurrent."""
    recurrent = is_recurrent(graph)
    axes = tuple(batch) if batch is not None else (2, 3) if recurrent else (4,)
    noise = {
        name: _random(
            (*(() if part.shared else axes), *part.shape),
            key(seed, "noise", name),
            uniform=part.distribution == "uniform",
        )
        for name, part in noise_schema(graph).items()
    }
    state = {
        name: _random((*axes[-1:], *part.shape), key(seed, "state", name))
        for name, part in state_schema(graph).items()
    }
    return Draw(
        axes,
        inputs(graph, seed, axes, edges),
        weights(graph.owners, seed),
        weights(owners_in(graph, TARGET), seed + 1),
        state if recurrent else None,
        torch.rand(axes, generator=key(seed, "resets")) < 0.3 if recurrent else None,
        noise or None,
    )


def key(seed: int, *name: str) -> torch.Generator:
    """A generator of its own."""
    digest = sha256(repr((seed, name)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def inputs(graph: Graph, seed: int, batch: Sequence[int], edges: bool = False) -> dict[str, Any]:
    """A value for each input, as entries take them; `edges` puts edge cases into its first sample."""
    found: dict[str, Any] = {}
    users = graph.users()
    for index, node in enumerate(graph.nodes):
        if node.op != "input":
            continue
        *outer, last = _path(node.values)
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        if last in place:
            continue
        shape, generator = (*batch, *node.type.dims), key(seed, "input", *outer, last)
        if node.type.dtype == "f32":
            value = _random(shape, generator)
            if edges and value.numel():
                first = value.reshape(prod(batch), -1)[0]
                first[: len(EDGES)] = torch.tensor(EDGES[: len(first)], dtype=value.dtype)
        else:
            low, high = _range([graph.nodes[user].values for user in users[index]])
            top = 256 if node.type.dtype == "u8" else high
            value = torch.randint(low, top, shape, generator=generator, dtype=DTYPES[node.type.dtype])
        place[last] = value
    return found


def weights(owners: Sequence[Owner], seed: int) -> dict[str, Tensor]:
    """Values for the tensors of owners, by key; statistics are positive."""
    found = {}
    for owner in owners:
        for weight in owner.weights:
            name = f"{owner.path}.{weight.name}"
            value = _random(weight.dims, key(seed, "weight", name))
            scale = max(1.0, prod(weight.dims[1:])) ** -0.5
            found[name] = value.abs() + 0.5 if weight.buffer else value * scale
    return found


def _path(values: Mapping[str, Any]) -> list[str]:
    return [values["name"], *values["path"]]


def _range(readers: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Which integers an input may be, told from what reads it."""
    for values in readers:
        if "n" in values and "start" in values:
            return values["start"], values["start"] + values["n"]
        if "counts" in values:
            return 0, min(values["counts"])
    return 0, 2


def _random(shape: Sequence[Any], generator: torch.Generator, uniform: bool = False) -> Tensor:
    make = torch.rand if uniform else torch.randn
    return make(tuple(shape), generator=generator, dtype=torch.float64)
