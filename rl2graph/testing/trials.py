"""Random inputs, weights, state and noise for a graph, each a function of a seed and of its own name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import prod, sqrt
from typing import Any

import torch
from torch import Tensor

from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import Noise, State, Weight

LeafName = tuple[str, tuple[str, ...]]
"""An input's name, and the path to one of its parts."""


def keyed(seed: int, *key: object) -> torch.Generator:
    """A generator for one purpose, whatever else is drawn."""
    digest = sha256(repr((seed, *key)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One tensor that a graph is given: its element type, shape, and the range of integers (low, high)."""

    dtype: str
    shape: tuple[int, ...]
    range: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"

    def draw(self, batch: Sequence[int], generator: torch.Generator) -> Tensor:
        shape = (*batch, *self.shape)
        if self.dtype == "f32":
            return torch.randn(shape, generator=generator, dtype=torch.float64)
        if self.dtype == "u8":
            return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
        return torch.randint(*self.range, shape, generator=generator)


def leaves(graph: Graph) -> dict[LeafName, Leaf]:
    """The tensors that a graph is given."""
    users = graph.users()
    found: dict[LeafName, Leaf] = {}
    for index, node in enumerate(graph.nodes):
        if node.op == "input":
            readers = (graph.nodes[user] for user in users[index])
            found.setdefault(leaf_name(node), Leaf(node.type.dtype, node.type.dims, _range(readers)))
    return found


def leaf_name(node: Node) -> LeafName:
    """What an `input` node stands for."""
    return node.input_name, node.input_path


def shown(name: LeafName) -> str:
    """An input, or a part of one, as messages say it."""
    return ".".join((name[0], *name[1]))


def _range(readers: Iterable[Node]) -> tuple[int, int]:
    """Which integers an input may be, told from the ops that read it."""
    for node in readers:
        values = node.values
        match node.op:
            case "one_hot":
                start, count = values["start"], values["n"]
                assert isinstance(start, int)
                assert isinstance(count, int)
                return start, start + count
            case "one_hots":
                counts = values["counts"]
                assert isinstance(counts, tuple)
                return 0, min(int(count) for count in counts)  # type: ignore[arg-type]
            case "as_float":
                return 0, 2
    return 0, 3


def random_inputs(drawn: Mapping[LeafName, Leaf], batch: Sequence[int], seed: int) -> dict[LeafName, Tensor]:
    """A value for each tensor that a graph is given, under batch axes of that shape."""
    return {name: leaf.draw(batch, keyed(seed, "input", *name)) for name, leaf in drawn.items()}


def nested(values: Mapping[LeafName, Tensor]) -> dict[str, Any]:
    """Inputs by name: tensors, or mappings of parts."""
    result: dict[str, Any] = {}
    for (name, path), value in values.items():
        *outer, last = (name, *path)
        place = result
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return result


def random_weights(
    weights: Iterable[tuple[str, Weight]], seed: int, *, alike: bool = False
) -> Iterator[tuple[str, Tensor]]:
    """Values of tensors by their keys, which they are functions of.

    Args:
        alike: they are functions of the tensors' names and shapes instead: owners of one kind have the same.
    """
    for key, weight in weights:
        own = (key.rpartition(".")[2], weight.shape) if alike else (key,)
        yield key, random_weight(weight, keyed(seed, "weight", *own))


def random_weight(weight: Weight, generator: torch.Generator) -> Tensor:
    """A value that leaves a network's values near one; statistics that start above zero stay there.

    How weights start is no part of a function, and changes nothing here.
    """
    value = torch.randn(weight.dims, generator=generator, dtype=torch.float64)
    if weight.buffer and weight.init.value > 0:
        return value.abs() + 0.5
    if len(weight.dims) > 1:
        return value / sqrt(max(1, prod(weight.dims[1:])))
    return 0.5 * value


def random_state(schema: Mapping[str, State], batch: Sequence[int], seed: int) -> dict[str, Tensor]:
    """A state of a recurrent graph."""
    return {
        name: torch.randn(
            (*batch, *part.shape),  # type: ignore[arg-type]
            generator=keyed(seed, "state", name),
            dtype=torch.float64,
        )
        for name, part in schema.items()
    }


def random_resets(batch: Sequence[int], seed: int) -> Tensor:
    """Where a sequence starts anew: at some steps of some samples."""
    return torch.rand(tuple(batch), generator=keyed(seed, "resets")) < 0.3


def random_noise(noise: Noise, batch: Sequence[int], generator: torch.Generator) -> Tensor:
    """Noise for one evaluation over a batch of that shape."""
    shape = (*(() if noise.shared else batch), *noise.shape)
    make = torch.randn if noise.distribution == "normal" else torch.rand
    return make(shape, generator=generator, dtype=torch.float64)  # type: ignore[arg-type]
