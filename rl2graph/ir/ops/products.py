"""Products and lengths of vectors."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.axes import AXIS, axis_from_end, axis_of, from_end, sample_axis
from rl2graph.ir.ops.rules import need_float, need_rank
from rl2graph.ir.ops.text import call, options
from rl2graph.ir.types import TensorType, f32


def _matmul_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("matmul", types)
    x, y = types
    for type_, operand in ((x, "x"), (y, "y")):
        need_rank("matmul", type_, (1, 2), "vectors and matrices", operand)
    rows = 0 if len(y.axes) == 1 else -2
    if not equal(x.axes[-1], y.axes[rows]):
        message = f"`matmul` of {x} and {y}: {x.axes[-1]} columns do not meet {y.axes[rows]} rows"
        turned = len(y.axes) == 2 and isinstance(y.axes[1], int) and y.axes[1] == x.axes[-1]
        raise TypeProblem("RLG301", message, "y", "permute(y, [1, 0]) transposes it" if turned else None)
    return f32(*x.axes[:-1], *y.axes[1:])


def _matmul_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 2 * result.size * types[0].dims[-1]


def _emit_matmul(e: Emission) -> str:
    """A vector becomes a matrix first, for torch takes its batch axes for rows."""
    x, y = e.operands
    left, right = (len(type_.axes) == 1 for type_ in e.types)
    if left and right:
        return f"({x} * {y}).sum(dim=-1)"
    if left:
        return f"({x}.unsqueeze(-2) @ {y}).squeeze(-2)"
    return f"({x} @ {y}.unsqueeze(-1)).squeeze(-1)" if right else f"{x} @ {y}"


def _draw_matmul(random: Random) -> Types:
    inner = random.randint(1, 4)
    left = random.choice(((inner,), (random.randint(1, 3), inner)))
    right = random.choice(((inner,), (inner, random.randint(1, 3))))
    return f32(*left), f32(*right)


def _normalize_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("normalize", types)
    axis_of("normalize", types[0], attributes)
    return types[0]


def _emit_normalize(e: Emission) -> str:
    return call("F.normalize", e.operands[0], f"dim={from_end(e)}", *options(e, eps=1e-12))


OPS = (
    Op(
        name="matmul",
        doc="The matrix product of two tensors of the sample, each a vector or a matrix (`torch.matmul`).",
        operands=("x", "y"),
        infer=_matmul_type,
        flops=_matmul_flops,
        emit=_emit_matmul,
        draw=_draw_matmul,
    ),
    Op(
        name="normalize",
        doc="x divided by its length, the root of its sum of squares, along an axis"
        " (`torch.nn.functional.normalize`); by `eps` where that is smaller.",
        operands=("x",),
        attributes=(AXIS, Attribute("eps", float, 1e-12, minimum=0.0)),
        infer=_normalize_type,
        flops=lambda types, attributes, result: 3 * result.size,
        emit=_emit_normalize,
        canonical=axis_from_end,
        sample=sample_axis,
        stable=False,
    ),
)
