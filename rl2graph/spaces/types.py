"""The types themselves: what an observation or an action is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from rl2graph.ir.dims import Dim
from rl2graph.ir.types import TensorType

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\0": r"\0"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Vector:
    """Floats of any shape, `f32[12]`; in a spec, dims may be symbols, `f32[n]`."""

    shape: tuple[Dim, ...]

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("f32", self.shape)

    def __str__(self) -> str:
        return f"f32[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Image:
    """Bytes of shape `[channels, height, width]`, `image[3, 84, 84]`.

    `channels_last` says that the environment gives `[height, width, channels]`; `shape` is channel-first
    either way.
    """

    shape: tuple[Dim, Dim, Dim]
    channels_last: bool = False

    @property
    def tensor_type(self) -> TensorType:
        channels, height, width = self.shape
        return TensorType("u8", (height, width, channels) if self.channels_last else self.shape)

    def __str__(self) -> str:
        return f"image[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Discrete:
    """One of `n` choices, `discrete[6]`; the environment counts them from `start`."""

    n: int
    start: int = 0

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("i64", ())

    def __str__(self) -> str:
        return f"discrete[{self.n}]"


@dataclass(frozen=True, slots=True)
class MultiDiscrete:
    """Several choices at once, `multi_discrete[3, 4]`, one after the other in the space's order.

    The environment counts each from `starts`, empty where all are 0, and gives them in axes `dims`, empty
    where that is one axis.
    """

    counts: tuple[int, ...]
    starts: tuple[int, ...] = ()
    dims: tuple[int, ...] = ()

    @classmethod
    def of(cls, counts: tuple[int, ...], starts: tuple[int, ...], dims: tuple[int, ...]) -> MultiDiscrete:
        """The space with what its defaults say left out."""
        return cls(counts, starts if any(starts) else (), dims if len(dims) != 1 else ())

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("i64", self.dims or (len(self.counts),))

    def __str__(self) -> str:
        return f"multi_discrete[{', '.join(map(str, self.counts))}]"


@dataclass(frozen=True, slots=True)
class MultiBinary:
    """Zeros and ones, `multi_binary[8]`: `n` of them, in axes `dims`, empty where that is one axis."""

    n: int
    dims: tuple[int, ...] = ()

    @classmethod
    def of(cls, dims: tuple[int, ...]) -> MultiBinary:
        """The zeros and ones in those axes."""
        return cls(prod(dims), dims if len(dims) != 1 else ())

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("i64", self.dims or (self.n,))

    def __str__(self) -> str:
        return f"multi_binary[{', '.join(map(str, self.dims or (self.n,)))}]"


@dataclass(frozen=True, slots=True)
class Box:
    """Floats within bounds, `box[3]`; `low` and `high` are flat, one bound per element, and empty where no
    environment has said them.
    """

    shape: tuple[Dim, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("f32", self.shape)

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape as numbers."""
        return self.tensor_type.dims

    @property
    def size(self) -> int:
        return self.tensor_type.size

    def __str__(self) -> str:
        return f"box[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Record:
    """Parts by name, `{ camera: image[3, 84, 84], joints: f32[12] }`; a Tuple's are `"0"`, `"1"`, …."""

    fields: tuple[tuple[str, Space], ...]

    def __str__(self) -> str:
        shown = (f"{_as_written(name)}: {space}" for name, space in self.fields)
        return f"{{ {', '.join(shown)} }}" if self.fields else "{}"


def _as_written(name: str) -> str:
    return name if _NAME.fullmatch(name) else f'"{name.translate(_ESCAPES)}"'


Leaf = Vector | Image | Discrete | MultiDiscrete | MultiBinary | Box
"""A space of one tensor."""

Space = Leaf | Record


def choices_of(space: Space) -> int | None:
    """How many choices an action has, those of its parts together; None for one that is no choice."""
    match space:
        case Discrete() | MultiBinary():
            return space.n
        case MultiDiscrete():
            return sum(space.counts)
    return None


def leaves_of(space: Space, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """The parts that have no parts themselves, with the path to each, in the space's order."""
    if isinstance(space, Record):
        for name, part in space.fields:
            yield from leaves_of(part, (*path, name))
    else:
        yield path, space


def unbounded(shape: tuple[Dim, ...]) -> Box:
    """The box of that shape without bounds, as `--act 'box[3]'` means it."""
    return Box(shape)
