"""Ops that join tensors."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import Dim, equal
from rl2graph.ir.op import Attribute, Attributes, Op, TypeProblem, Types
from rl2graph.ir.ops.axes import (
    AXIS,
    axis_from_end,
    axis_of,
    draw_any,
    from_end,
    new_axis_from_end,
    sample_axis,
)
from rl2graph.ir.ops.rules import FLATTEN, free, integer, same_axes, where_unchanged
from rl2graph.ir.ops.text import tuple_of
from rl2graph.ir.types import TensorType

_FIRST = Attribute("axis", int, 0)


def _need_one_kind(op: str, types: Types) -> None:
    for index, type_ in enumerate(types):
        if type_.dtype != types[0].dtype:
            message = f"`{op}` joins tensors of one kind, not {types[0]} and {type_}"
            raise TypeProblem("RLG305", message, index, 'cast(x, "f32") makes floats of anything')


def _concat_type(types: Types, attributes: Attributes) -> TensorType:
    _need_one_kind("concat", types)
    first = types[0].axes
    if not first:
        message = f"`concat` joins vectors or images, not {types[0]}"
        raise TypeProblem("RLG302", message, 0, "stack(x, y) makes a vector of scalars")
    axis = axis_of("concat", types[0], attributes)
    total: Dim = 0
    for index, type_ in enumerate(types):
        axes = type_.axes
        fits = len(axes) == len(first) and all(
            i == axis or equal(own, other) for i, (own, other) in enumerate(zip(axes, first, strict=True))
        )
        if not fits:
            given = integer(attributes, "axis")
            message = f"`concat` joins along axis {given % len(first)}, so {type_} does not fit {types[0]}"
            hint = FLATTEN if len(axes) != len(first) else None
            raise TypeProblem("RLG301", message, index, hint)
        total = total + axes[axis]
    return TensorType(types[0].dtype, (*first[:axis], total, *first[axis + 1 :]))


def _stack_type(types: Types, attributes: Attributes) -> TensorType:
    _need_one_kind("stack", types)
    first = types[0].axes
    axis = axis_of("stack", types[0], attributes, more=1)
    for index, type_ in enumerate(types):
        if not same_axes(type_, types[0]):
            message = f"`stack` takes tensors of one shape, not {types[0]} and {type_}"
            raise TypeProblem("RLG301", message, index)
    return TensorType(types[0].dtype, (*first[:axis], len(types), *first[axis:]))


def _sample_stack(random: Random, types: Types) -> Attributes:
    rank = len(types[0].axes)
    return {"axis": random.randint(-rank - 1, rank)}


def _repeat_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    axis = axis_of("repeat", x, attributes)
    times = integer(attributes, "times")
    return TensorType(x.dtype, (*x.axes[:axis], x.axes[axis] * times, *x.axes[axis + 1 :]))


def _sample_repeat(random: Random, types: Types) -> Attributes | None:
    axis = sample_axis(random, types)
    return axis and {**axis, "times": random.randint(1, 3)}


OPS = (
    Op(
        name="concat",
        doc="Joins tensors along an axis of the sample, the last where none is given (`torch.cat`).",
        operands=("xs",),
        variadic=True,
        attributes=(AXIS,),
        infer=_concat_type,
        flops=free,
        emit=lambda e: f"torch.cat({tuple_of(e.operands)}, dim={from_end(e)})",
        passes_on=where_unchanged,
        canonical=axis_from_end,
        sample=sample_axis,
    ),
    Op(
        name="stack",
        doc="Joins tensors of one shape along a new axis of the sample, the first where none is given"
        " (`torch.stack`).",
        operands=("xs",),
        variadic=True,
        attributes=(_FIRST,),
        infer=_stack_type,
        flops=free,
        emit=lambda e: f"torch.stack({tuple_of(e.operands)}, dim={from_end(e, more=1)})",
        canonical=new_axis_from_end,
        sample=_sample_stack,
    ),
    Op(
        name="repeat",
        doc="`times` copies of a tensor, one after the other along one axis of the sample, the first where"
        " none is given (`torch.Tensor.repeat`).",
        operands=("x",),
        attributes=(Attribute("times", int, minimum=1), _FIRST),
        infer=_repeat_type,
        flops=free,
        emit=lambda e: f"torch.cat(({e.operands[0]},) * {e.attributes['times']}, dim={from_end(e)})",
        passes_on=where_unchanged,
        canonical=axis_from_end,
        sample=_sample_repeat,
        draw=draw_any,
    ),
)
