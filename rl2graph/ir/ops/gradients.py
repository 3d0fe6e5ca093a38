"""Ops that change gradients, not values."""

from __future__ import annotations

from rl2graph.ir.op import Attribute, Emission, Op
from rl2graph.ir.ops.rules import free, number, same_floats, same_type


def _emit_scale_grad(e: Emission) -> str:
    """Zero is taken from the value, never added to it: `-0.0 - 0.0` is `-0.0`, `-0.0 + 0.0` is not."""
    (x,) = e.operands
    scale = number(e.attributes, "scale")
    zero = f"{x}.detach() - {x}" if scale >= 0 else f"{x} - {x}.detach()"
    return f"{x}.detach() - ({zero}) * {abs(scale)!r}"


OPS = (
    Op(
        name="detach",
        doc="The same values; gradients stop here (`torch.Tensor.detach`).",
        operands=("x",),
        infer=same_type,
        flops=free,
        emit=lambda e: f"{e.operands[0]}.detach()",
        idempotent=True,
    ),
    Op(
        name="scale_grad",
        doc="The same values, bit for bit where they are finite; gradients that flow back through it are"
        " multiplied by `scale`.",
        operands=("x",),
        attributes=(Attribute("scale", float),),
        infer=same_floats("scale_grad"),
        flops=lambda types, attributes, result: 3 * result.size,
        emit=_emit_scale_grad,
        sample=lambda random, types: {"scale": random.choice((0.0, 0.5, 2.0, -1.0))},
    ),
)
