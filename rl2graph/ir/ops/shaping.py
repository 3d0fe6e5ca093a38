"""Ops that give values other axes, and keep them."""

from __future__ import annotations

from math import gcd, prod
from random import Random

from rl2graph.ir.dims import Dim, Undecided, equal, solve
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.axes import axis_from_end, axis_of, draw_any, from_end, new_axis_from_end
from rl2graph.ir.ops.rules import free, integers, where_unchanged
from rl2graph.ir.ops.text import tuple_of
from rl2graph.ir.types import TensorType


def _flatten_type(types: Types, attributes: Attributes) -> TensorType:
    return TensorType(types[0].dtype, (types[0].count,))


def _emit_flatten(e: Emission) -> str:
    rank = len(e.types[0].axes)
    if rank == 0:
        return f"{e.operands[0]}.unsqueeze(-1)"
    return e.operands[0] if rank == 1 else f"{e.operands[0]}.flatten(-{rank})"


def _reshape_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    shape = integers(attributes, "shape")
    shown = f"`reshape` of {x} to {list(shape)}"
    if 0 in shape or shape.count(-1) > 1:
        why = "an axis has at least one element" if 0 in shape else "only one axis can be left open, by -1"
        raise TypeProblem("RLG304", f"{shown}: {why}", "shape")
    known = prod(size for size in shape if size != -1)
    if -1 not in shape:
        if not _may_be_equal(x.count, known):
            raise TypeProblem("RLG301", f"{shown}: {x.count} elements do not make {known}", "shape")
        return TensorType(x.dtype, shape)
    if not _may_divide(x.count, known):
        message = f"{shown}: {x.count} elements are no multiple of {known}"
        raise TypeProblem("RLG301", message, "shape")
    return TensorType(x.dtype, tuple(x.count // known if size == -1 else size for size in shape))


def _may_be_equal(count: Dim, known: int) -> bool:
    """Whether they are equal. Where no symbol can be singled out, as in `n * m` and 16, they may be."""
    try:
        return equal(count, known)
    except Undecided as question:
        if solve(question.left, question.right) is not None:
            raise
        return True


def _may_divide(count: Dim, by: int) -> bool:
    """Whether `count` is a multiple for some value of its symbols: `2 * n + 1` is never one of 4."""
    if isinstance(count, int):
        return count % by == 0
    return count.constant % gcd(by, *(factor for _, factor in count.terms)) == 0


def _reshape_to_result(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    return {**attributes, "shape": result.dims} if result.known else attributes


def _emit_reshape(e: Emission) -> str:
    before, after = e.types[0].axes, e.result.axes
    if before == after:
        return e.operands[0]
    vector = _emit_flatten(e)
    if len(after) == 1:
        return vector
    return f"{vector}.unflatten(-1, {tuple_of(after)})" if after else f"{vector}.squeeze(-1)"


def _sample_reshape(random: Random, types: Types) -> Attributes:
    left = types[0].size
    shape: list[int] = []
    while left > 1 and len(shape) < 3:
        shape.append(random.choice([n for n in range(1, left + 1) if left % n == 0]))
        left //= shape[-1]
    shape += [left] if left > 1 else []
    random.shuffle(shape)
    if shape and random.random() < 0.5:
        shape[random.randrange(len(shape))] = -1
    return {"shape": tuple(shape)}


def _permute_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    return TensorType(x.dtype, tuple(x.axes[axis] for axis in _order(x, attributes)))


def _order(type_: TensorType, attributes: Attributes) -> tuple[int, ...]:
    """The axes in their new order, each counted from the first."""
    axes, rank = integers(attributes, "axes"), len(type_.axes)
    order = tuple(axis % rank if -rank <= axis < rank else rank for axis in axes)
    if sorted(order) != list(range(rank)):
        message = f"`permute` of {type_} takes each of its {rank} axes once, not {list(axes)}"
        raise TypeProblem("RLG304", message, "axes", "the batch has no number: the first axis is 0")
    return order


def _permute_from_first(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    return {**attributes, "axes": _order(types[0], attributes)}


def _keeps_order(types: Types, attributes: Attributes, result: TensorType) -> bool:
    order = _order(types[0], attributes)
    return order == tuple(range(len(order)))


def _emit_permute(e: Emission) -> str:
    order = _order(e.types[0], e.attributes)
    rank = len(order)
    moved = [(axis - rank, place - rank) for place, axis in enumerate(order) if axis != place]
    if not moved:
        return e.operands[0]
    sources, places = (tuple_of(numbers) for numbers in zip(*moved, strict=True))
    return f"{e.operands[0]}.movedim({sources}, {places})"


def _sample_permute(random: Random, types: Types) -> Attributes:
    rank = len(types[0].axes)
    order = random.sample(range(rank), rank)
    return {"axes": tuple(axis - rank if random.random() < 0.3 else axis for axis in order)}


def _unsqueeze_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    axis = axis_of("unsqueeze", x, attributes, more=1)
    return TensorType(x.dtype, (*x.axes[:axis], 1, *x.axes[axis:]))


def _sample_unsqueeze(random: Random, types: Types) -> Attributes:
    rank = len(types[0].axes)
    return {"axis": random.randint(-rank - 1, rank)}


def _squeeze_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    axis = axis_of("squeeze", x, attributes)
    if not equal(x.axes[axis], 1):
        message = (
            f"`squeeze` takes away an axis of 1, but axis {attributes['axis']} of {x} has {x.axes[axis]}"
        )
        raise TypeProblem("RLG301", message, "axis")
    return TensorType(x.dtype, (*x.axes[:axis], *x.axes[axis + 1 :]))


def _sample_squeeze(random: Random, types: Types) -> Attributes | None:
    rank = len(types[0].axes)
    ones = [axis for axis in range(-rank, rank) if types[0].axes[axis] == 1]
    return {"axis": random.choice(ones)} if ones else None


OPS = (
    Op(
        name="flatten",
        doc="Any tensor as a vector.",
        operands=("x",),
        infer=_flatten_type,
        flops=free,
        emit=_emit_flatten,
        passes_on=where_unchanged,
        draw=draw_any,
    ),
    Op(
        name="reshape",
        doc="The same elements, in the same order, in axes of other lengths (`torch.reshape`); one of them"
        " may be -1: what is left.",
        operands=("x",),
        attributes=(Attribute("shape", tuple[int, ...], minimum=-1),),
        infer=_reshape_type,
        flops=free,
        emit=_emit_reshape,
        passes_on=where_unchanged,
        canonical=_reshape_to_result,
        sample=_sample_reshape,
        draw=draw_any,
    ),
    Op(
        name="permute",
        doc="The axes of the sample in another order (`torch.permute`).",
        operands=("x",),
        attributes=(Attribute("axes", tuple[int, ...]),),
        infer=_permute_type,
        flops=free,
        emit=_emit_permute,
        passes_on=_keeps_order,
        canonical=_permute_from_first,
        sample=_sample_permute,
        draw=draw_any,
    ),
    Op(
        name="unsqueeze",
        doc="A new axis of one element, which has the number `axis` in the result (`torch.unsqueeze`).",
        operands=("x",),
        attributes=(Attribute("axis", int),),
        infer=_unsqueeze_type,
        flops=free,
        emit=lambda e: f"{e.operands[0]}.unsqueeze({from_end(e, more=1)})",
        canonical=new_axis_from_end,
        sample=_sample_unsqueeze,
        draw=draw_any,
    ),
    Op(
        name="squeeze",
        doc="Takes away an axis, which has one element (`torch.squeeze`).",
        operands=("x",),
        attributes=(Attribute("axis", int),),
        infer=_squeeze_type,
        flops=free,
        emit=lambda e: f"{e.operands[0]}.squeeze({from_end(e)})",
        canonical=axis_from_end,
        sample=_sample_squeeze,
        draw=draw_any,
    ),
)
