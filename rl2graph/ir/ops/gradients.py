"""Ops that change gradients, not values."""

from __future__ import annotations

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, Types
from rl2graph.ir.ops.axes import free
from rl2graph.ir.ops.rules import need_float
from rl2graph.ir.types import TensorType


def _detach_type(types: Types, attributes: Attributes) -> TensorType:
    return types[0]


def _scale_grad_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("scale_grad", types)
    return types[0]


def _emit_scale_grad(e: Emission) -> str:
    """Zero is taken from the value, never added to it: `-0.0 - 0.0` is `-0.0`, `-0.0 + 0.0` is not."""
    (x,) = e.operands
    scale = e.attributes["scale"]
    assert isinstance(scale, float)
    zero = f"{x}.detach() - {x}" if scale >= 0 else f"{x} - {x}.detach()"
    return f"{x}.detach() - ({zero}) * {abs(scale)!r}"


OPS = (
    Op(
        name="detach",
        doc="The same values; gradients stop here (`torch.Tensor.detach`).",
        operands=("x",),
        infer=_detach_type,
        flops=free,
        emit=lambda e: f"{e.operands[0]}.detach()",
    ),
    Op(
        name="scale_grad",
        doc="The same values, bit for bit where they are finite; gradients that flow back through it are"
        " multiplied by `scale`.",
        operands=("x",),
        attributes=(Attribute("scale", float),),
        infer=_scale_grad_type,
        flops=lambda types, attributes, result: 3 * result.size,
        emit=_emit_scale_grad,
        sample=lambda random, types: {"scale": random.choice((0.0, 0.5, 2.0, -1.0))},
    ),
)
