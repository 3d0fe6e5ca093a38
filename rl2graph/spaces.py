"""Observation and action spaces as types of the language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.dims import Dim, Symbolic, Undecided, equal, solve, substitute
from rl2graph.ir.types import TensorType


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
    """Several choices at once, `multi_discrete[3, 4]`."""

    counts: tuple[int, ...]

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("i64", (len(self.counts),))

    def __str__(self) -> str:
        return f"multi_discrete[{', '.join(map(str, self.counts))}]"


@dataclass(frozen=True, slots=True)
class MultiBinary:
    """Zeros and ones, `multi_binary[8]`."""

    n: int

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("i64", (self.n,))

    def __str__(self) -> str:
        return f"multi_binary[{self.n}]"


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
    """Parts by name, `{ camera: image[3, 84, 84], joints: f32[12] }`."""

    fields: tuple[tuple[str, Space], ...]

    def __str__(self) -> str:
        shown = (
            f"{name if name.isidentifier() else json.dumps(name)}: {space}" for name, space in self.fields
        )
        return f"{{ {', '.join(shown)} }}" if self.fields else "{}"


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


def unbounded(shape: tuple[Dim, ...]) -> Box:
    """The box of that shape without bounds, as `--act 'box[3]'` means it."""
    return Box(shape)


def match_spaces(declared: Space, actual: Space, known: dict[str, Dim]) -> bool:
    """Whether a declaration in a spec allows the actual space; what its symbols then are goes into `known`.

    Bounds, offsets and layout do not count, nor does the order of a record's parts.
    """
    match declared, actual:
        case Record(), Record():
            ours, theirs = dict(declared.fields), dict(actual.fields)
            return ours.keys() == theirs.keys() and all(
                match_spaces(space, theirs[name], known) for name, space in ours.items()
            )
        case Vector() | Box(), Vector() | Box():
            return _match_shapes(declared.shape, actual.shape, known)
        case Image(), Image():
            return _match_shapes(declared.shape, actual.shape, known)
    return str(declared) == str(actual)


def _match_shapes(declared: Sequence[Dim], actual: Sequence[Dim], known: dict[str, Dim]) -> bool:
    return len(declared) == len(actual) and all(
        _match_dims(ours, theirs, known) for ours, theirs in zip(declared, actual, strict=True)
    )


def _match_dims(declared: Dim, actual: Dim, known: dict[str, Dim]) -> bool:
    try:
        return equal(substitute(declared, known), actual)
    except Undecided as question:
        solved = solve(question.left, question.right)
        if solved is not None:
            known[solved[0]] = solved[1]
        return solved is not None


def with_dims(space: Space, known: Mapping[str, Dim]) -> Space:
    """The space with what is known of its symbols put in their place."""
    match space:
        case Record():
            return Record(tuple((name, with_dims(part, known)) for name, part in space.fields))
        case Vector() | Image() | Box() if any(isinstance(dim, Symbolic) for dim in space.shape):
            shape = tuple(substitute(dim, known) for dim in space.shape)
            return replace(space, shape=shape)  # type: ignore[arg-type]
    return space


def observation_space(space: Any) -> Space:
    """The type of a gymnasium observation space.

    Raises:
        DiagnosticError: RLG502 for a space that this release does not serve.
    """
    return _convert(space, role="observation")


def action_space(space: Any) -> Space:
    """The type of a gymnasium action space.

    Raises:
        DiagnosticError: RLG502 for a space that this release does not serve.
    """
    converted = _convert(space, role="action")
    if isinstance(converted, Image | Vector | Record):
        raise _unsupported(space, "action")
    return converted


def _convert(space: Any, role: str) -> Space:
    if isinstance(space, Space):
        return space
    from gymnasium import spaces as gym_spaces

    if isinstance(space, gym_spaces.Discrete):
        return Discrete(int(space.n), int(space.start))
    if isinstance(space, gym_spaces.MultiDiscrete) and space.nvec.ndim == 1 and not space.start.any():
        return MultiDiscrete(tuple(map(int, space.nvec)))
    if isinstance(space, gym_spaces.MultiBinary) and isinstance(space.n, int):
        return MultiBinary(space.n)
    if isinstance(space, gym_spaces.Dict) and role == "observation" and space.spaces:
        return Record(tuple((str(name), _convert(part, role)) for name, part in space.spaces.items()))
    if isinstance(space, gym_spaces.Box):
        if space.dtype == "uint8" and len(space.shape) == 3:
            return _image(space)
        if role == "action" and space.dtype.kind == "f" and space.shape:
            low, high = space.low.reshape(-1).tolist(), space.high.reshape(-1).tolist()
            return Box(tuple(map(int, space.shape)), tuple(low), tuple(high))
        if role == "observation" and space.shape:
            return Vector(tuple(map(int, space.shape)))
    raise _unsupported(space, role)


def _image(space: Any) -> Image:
    first, middle, last = map(int, space.shape)
    # The channel axis is the shortest; a tie goes to torch's layout.
    channels_last = last < first and last < middle
    shape = (last, first, middle) if channels_last else (first, middle, last)
    return Image(shape, channels_last)


def _unsupported(space: Any, role: str) -> DiagnosticError:
    served = "Box, Discrete, MultiDiscrete and MultiBinary"
    if role == "observation":
        served = f"{served}, and Dict of these; Box as vectors of floats and uint8 images"
    return DiagnosticError.of(
        "RLG502",
        f"the {role} space {space} is not supported",
        hint=f"{role} spaces that this release serves: {served}; a gymnasium wrapper can convert others",
    )
