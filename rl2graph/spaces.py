"""Observation and action spaces as types of the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class Vector:
    """Floats of any shape, `f32[12]`."""

    shape: tuple[int, ...]

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

    shape: tuple[int, int, int]
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
class Box:
    """Floats within bounds, `box[3]`; `low` and `high` are flat, one bound per element, and empty where no
    environment has said them.
    """

    shape: tuple[int, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @property
    def tensor_type(self) -> TensorType:
        return TensorType("f32", self.shape)

    @property
    def size(self) -> int:
        return self.tensor_type.size

    def __str__(self) -> str:
        return f"box[{', '.join(map(str, self.shape))}]"


Space = Vector | Image | Discrete | Box


def unbounded(shape: tuple[int, ...]) -> Box:
    """The box of that shape without bounds, as `--act 'box[3]'` means it."""
    return Box(shape)


def same_type(declared: Space, actual: Space) -> bool:
    """Whether a declaration in a spec allows the actual space: bounds, offsets and layout do not count."""
    return str(declared) == str(actual) or (
        isinstance(declared, Vector | Box)
        and isinstance(actual, Vector | Box)
        and declared.shape == actual.shape
    )


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
    if isinstance(converted, Image | Vector):
        raise _unsupported(space, "action")
    return converted


def _convert(space: Any, role: str) -> Space:
    if isinstance(space, Vector | Image | Discrete | Box):
        return space
    from gymnasium import spaces as gym_spaces

    if isinstance(space, gym_spaces.Discrete):
        return Discrete(int(space.n), int(space.start))
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
    served = "Box and Discrete" if role == "action" else "Box (vectors and uint8 images) and Discrete"
    return DiagnosticError.of(
        "RLG502",
        f"the {role} space {space} is not supported",
        hint=f"{role} spaces that this release serves: {served}; a gymnasium wrapper can convert others",
    )
