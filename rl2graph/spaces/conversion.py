"""From gymnasium's spaces to those of the language.

Observations keep the form in which the environment gives them: its offsets, its axes. Actions have a form of
their own, which the environments' adapter turns into theirs: choices are counted from 0 and stand in one
vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces.types import Box, Discrete, Image, MultiBinary, MultiDiscrete, Record, Space, Vector

MAX_CHOICES = 256
"""Of one number of a Box of whole numbers, as an action."""

_UNBOUNDED = f"as an action, a whole number is one choice of at most {MAX_CHOICES}"
_NO_AXIS = "it has no axis; write it as a Box of shape (1,)"
_NO_PARTS = "it has no parts"


def observation_space(space: Any) -> Space:
    """The type of an observation space, gymnasium's or ours.

    A Dict is a Record, a Tuple one with the parts `"0"`, `"1"`, …, in the space's order.

    Raises:
        DiagnosticError: RLG502 for a space that is not served, and why.
    """
    return _convert(space, "observation", _observation, ())


def action_space(space: Any) -> Space:
    """The type of an action space, gymnasium's or ours: choices, a Box of floats, or a Record of such.

    Choices count from 0 and have one axis, whatever the environment's do. A Box of whole numbers is one
    choice for each of them, where they have no more than `MAX_CHOICES`.

    Raises:
        DiagnosticError: RLG502 for a space that is not served, and why.
    """
    return _convert(space, "action", _action, ())


_Leaf = Callable[[Any], Space | str]
"""From a space of one tensor to its type, or to the reason why there is none; an empty one for a kind of
space that is not known.
"""


def _convert(space: Any, role: str, leaf: _Leaf, path: tuple[str, ...]) -> Space:
    parts = _parts(space)
    if parts is None:
        converted = leaf(space)
        if isinstance(converted, str):
            raise _unsupported(space, role, path, converted)
        return converted
    if not parts:
        raise _unsupported(space, role, path, _NO_PARTS)
    fields: dict[str, Space] = {}
    for key, part in parts:
        name = str(key)
        if name in fields:
            raise _unsupported(space, role, path, f"two of its parts are called `{name}`")
        fields[name] = _convert(part, role, leaf, (*path, name))
    return Record(tuple(fields.items()))


def _parts(space: Any) -> list[tuple[Any, Any]] | None:
    """The parts of a space with their keys; None where it is of one tensor."""
    if isinstance(space, Record):
        return list(space.fields)
    if isinstance(space, Space):
        return None
    from gymnasium import spaces as gym_spaces

    if isinstance(space, gym_spaces.Dict):
        return list(space.spaces.items())
    if isinstance(space, gym_spaces.Tuple):
        return list(enumerate(space.spaces))
    return None


def _observation(space: Any) -> Space | str:
    if isinstance(space, Space):
        return space
    from gymnasium import spaces as gym_spaces

    match space:
        case gym_spaces.Discrete():
            return Discrete(int(space.n), int(space.start))
        case gym_spaces.MultiDiscrete() | gym_spaces.MultiBinary() if not space.shape:
            return _NO_AXIS
        case gym_spaces.MultiDiscrete():
            counts, starts = _integers(space.nvec.flat), _integers(space.start.flat)
            return MultiDiscrete.of(counts, starts, _integers(space.shape))
        case gym_spaces.MultiBinary():
            return MultiBinary.of(_integers(space.shape))
        case gym_spaces.Box() if space.dtype == "uint8" and len(space.shape) == 3:
            return _image(space)
        case gym_spaces.Box():
            shape = _integers(space.shape)
            return _without_elements(shape) or Vector(shape)
    return ""


def _action(space: Any) -> Space | str:
    match space:
        case Discrete() | Box():
            return space
        case MultiDiscrete():
            return MultiDiscrete(space.counts)
        case MultiBinary():
            return MultiBinary(space.n)
        case Image():
            return "an image is no action"
        case Vector():
            return f"an action of floats is written `box[{', '.join(map(str, space.shape or (1,)))}]`"
    from gymnasium import spaces as gym_spaces

    match space:
        case gym_spaces.Box() if space.dtype.kind == "f":
            shape = _integers(space.shape)
            low, high = space.low.reshape(-1).tolist(), space.high.reshape(-1).tolist()
            return _without_elements(shape) or Box(shape, tuple(low), tuple(high))
        case gym_spaces.Box() if space.dtype == "uint8" and len(space.shape) == 3:
            return "an image is no action"
        case gym_spaces.Box():
            lows, highs = _integers(space.low.flat), _integers(space.high.flat)
            counts = tuple(high - low + 1 for low, high in zip(lows, highs, strict=True))
            return MultiDiscrete(counts) if 0 < max(counts, default=0) <= MAX_CHOICES else _UNBOUNDED
    converted = _observation(space)
    return converted if isinstance(converted, str) else _action(converted)


def _integers(numbers: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)


def _without_elements(shape: tuple[int, ...]) -> str:
    """Why a Box of that shape is not served; nothing where it is."""
    if not shape:
        return _NO_AXIS
    return "" if prod(shape) else "it has no elements"


def _image(space: Any) -> Image | str:
    first, middle, last = _integers(space.shape)
    if not first * middle * last:
        return "it has no elements"
    # The channel axis is the shortest; a tie goes to torch's layout.
    channels_last = last < first and last < middle
    shape = (last, first, middle) if channels_last else (first, middle, last)
    return Image(shape, channels_last)


def _unsupported(space: Any, role: str, path: tuple[str, ...], reason: str) -> DiagnosticError:
    where = f"the part `{'.'.join(path)}` of the {role} space" if path else f"the {role} space"
    because = f": {reason}" if reason else ""
    served = "Box, Discrete, MultiDiscrete and MultiBinary, and Dict and Tuple of these"
    if role == "observation":
        served = f"{served}; Box as floats of any shape and uint8 images"
    return DiagnosticError.of(
        "RLG502",
        f"{where}, {space}, is not supported{because}"
        if path
        else f"{where} {space} is not supported{because}",
        hint=f"{role} spaces that this release serves: {served}; a gymnasium wrapper can convert others",
    )
