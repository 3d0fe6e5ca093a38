"""Ops that move values without changing them."""

from __future__ import annotations

from rl2graph.ir.dims import Dim, equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import integer, need_float, same_type
from rl2graph.ir.types import TensorType, f32


def _free(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 0


def _flatten_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("flatten", types)
    return f32(types[0].count)


def _emit_flatten(e: Emission) -> str:
    rank = len(e.types[0].dims)
    if rank == 0:
        return f"{e.operands[0]}.unsqueeze(-1)"
    return e.operands[0] if rank == 1 else f"{e.operands[0]}.flatten(-{rank})"


def _concat_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("concat", types, operand="xs")
    first = types[0].axes
    axis = integer(attributes, "axis")
    if not first:
        raise TypeProblem("RLG302", f"`concat` joins vectors or images, not {types[0]}", 0)
    if not -len(first) <= axis < len(first):
        raise TypeProblem("RLG304", f"{types[0]} has no axis {axis}", "axis")
    axis %= len(first)
    total: Dim = 0
    for index, type_ in enumerate(types):
        dims = type_.axes
        fits = len(dims) == len(first) and all(
            i == axis or equal(own, other) for i, (own, other) in enumerate(zip(dims, first, strict=True))
        )
        if not fits:
            message = f"`concat` joins along axis {axis}, so {type_} does not fit {types[0]}"
            hint = "flatten(x) makes a vector of anything" if len(dims) != len(first) else None
            raise TypeProblem("RLG301", message, index, hint)
        total = total + dims[axis]
    return f32(*first[:axis], total, *first[axis + 1 :])


def _emit_concat(e: Emission) -> str:
    axis = integer(e.attributes, "axis")
    dim = axis if axis < 0 else axis - len(e.result.dims)
    trailing = "," if len(e.operands) == 1 else ""
    return f"torch.cat(({', '.join(e.operands)}{trailing}), dim={dim})"


def _stack_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("stack", types, operand="xs")
    first = types[0].axes
    axis = integer(attributes, "axis")
    if not -len(first) - 1 <= axis <= len(first):
        raise TypeProblem("RLG304", f"a stack of {types[0]} has no axis {axis}", "axis")
    for index, type_ in enumerate(types):
        dims = type_.axes
        if len(dims) != len(first) or not all(map(equal, dims, first)):
            raise TypeProblem(
                "RLG301", f"`stack` takes tensors of one shape, not {types[0]} and {type_}", index
            )
    axis %= len(first) + 1
    return f32(*first[:axis], len(types), *first[axis:])


def _emit_stack(e: Emission) -> str:
    axis = integer(e.attributes, "axis")
    dim = axis if axis < 0 else axis - len(e.result.axes)
    trailing = "," if len(e.operands) == 1 else ""
    return f"torch.stack(({', '.join(e.operands)}{trailing}), dim={dim})"


OPS = (
    Op(
        name="flatten",
        doc="Any tensor as a vector.",
        operands=("x",),
        infer=_flatten_type,
        flops=_free,
        emit=_emit_flatten,
    ),
    Op(
        name="concat",
        doc="Joins tensors along an axis of the sample, the last where none is given (`torch.cat`).",
        operands=("xs",),
        variadic=True,
        attributes=(Attribute("axis", int, -1),),
        infer=_concat_type,
        flops=_free,
        emit=_emit_concat,
        sample=lambda random, types: {"axis": -1} if types[0].dims and random else None,
    ),
    Op(
        name="stack",
        doc="Joins tensors of one shape along a new axis of the sample, the first where none is given"
        " (`torch.stack`).",
        operands=("xs",),
        variadic=True,
        attributes=(Attribute("axis", int, 0),),
        infer=_stack_type,
        flops=_free,
        emit=_emit_stack,
        sample=lambda random, types: {"axis": random.randint(-len(types[0].dims) - 1, len(types[0].dims))},
    ),
    Op(
        name="detach",
        doc="The same values; gradients stop here (`torch.Tensor.detach`).",
        operands=("x",),
        infer=same_type,
        flops=_free,
        emit=lambda e: f"{e.operands[0]}.detach()",
    ),
)
