"""Axes: how attributes name the axes of a sample, and how emitted code names those of a tensor."""

from __future__ import annotations

from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, TypeProblem, Types
from rl2graph.ir.ops.rules import integer
from rl2graph.ir.types import DType, TensorType

AXIS = Attribute("axis", int, -1)

_SHAPES = ((), (1,), (5,), (2, 3), (1, 4), (2, 6, 5), (2, 1, 3, 2))


def axis_of(op: str, type_: TensorType, attributes: Attributes, more: int = 0) -> int:
    """The axis that the attribute `axis` names, counted from the first of a sample, of `more` than it has.

    Raises:
        TypeProblem: RLG302 for a scalar, RLG304 for an axis that there is not.
    """
    axis, rank = integer(attributes, "axis"), len(type_.axes) + more
    if rank == 0:
        raise TypeProblem("RLG302", f"`{op}` works along an axis, but its operand is the scalar {type_}", "x")
    if not -rank <= axis < rank:
        what = f"`{op}` of {type_}" if more else f"{type_}"
        raise TypeProblem("RLG304", f"{what} has no axis {axis}", "axis", _places(rank))
    return axis % rank


def _places(rank: int) -> str:
    if rank == 1:
        return "its one axis is 0, or -1 from the end"
    return f"its axes are 0 to {rank - 1}, or -1 to -{rank} from the end; the batch has no number"


def from_end(e: Emission, more: int = 0) -> int:
    """The attribute `axis` as torch's `dim`: counted from the end, for batch axes lead."""
    axis = integer(e.attributes, "axis")
    return axis if axis < 0 else axis - len(e.types[0].axes) - more


def axis_from_end(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    """The attributes with `axis` counted from the end."""
    axis = integer(attributes, "axis")
    return attributes if axis < 0 else {**attributes, "axis": axis - len(types[0].axes)}


def new_axis_from_end(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    """As `axis_from_end`, for an axis of the result."""
    return axis_from_end((result,), attributes, result)


def sample_axis(random: Random, types: Types) -> Attributes | None:
    """Any axis of the first operand."""
    rank = len(types[0].axes)
    return {"axis": random.randrange(-rank, rank)} if rank else None


def draw_any(random: Random) -> Types:
    """One operand of any kind, for ops that move values without looking at them."""
    kinds: tuple[DType, ...] = ("f32", "f32", "i64", "u8")
    return (TensorType(random.choice(kinds), random.choice(_SHAPES)),)
