"""Activations."""

from __future__ import annotations

from collections.abc import Callable

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, Types
from rl2graph.ir.ops.axes import AXIS, axis_from_end, axis_of, from_end, sample_axis
from rl2graph.ir.ops.pointwise import unary
from rl2graph.ir.ops.rules import need_float
from rl2graph.ir.types import TensorType


def _along(name: str, doc: str) -> Op:
    """An activation that makes a distribution of the values along an axis."""

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_float(name, types)
        axis_of(name, types[0], attributes)
        return types[0]

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return 10 * result.size

    emit: Callable[[Emission], str] = lambda e: f"torch.{name}({e.operands[0]}, dim={from_end(e)})"  # noqa: E731
    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(AXIS,),
        infer=infer,
        flops=flops,
        emit=emit,
        canonical=axis_from_end,
        sample=sample_axis,
    )


OPS = (
    unary("relu", "max(x, 0).", "F.relu({x})", idempotent=True),
    unary("tanh", "The hyperbolic tangent.", "torch.tanh({x})", cost=8),
    unary("sigmoid", "1 / (1 + exp(-x)).", "torch.sigmoid({x})", cost=8),
    unary("silu", "x * sigmoid(x).", "F.silu({x})", cost=9),
    unary("gelu", "x * Phi(x), exact (Hendrycks and Gimpel 2016).", "F.gelu({x})", cost=12),
    unary("mish", "x * tanh(softplus(x)) (Misra 2019).", "F.mish({x})", cost=19),
    unary("softplus", "log(1 + exp(x)).", "F.softplus({x})", cost=10),
    unary(
        "elu",
        "x where positive, else alpha * (exp(x) - 1).",
        "F.elu({x}{more})",
        Attribute("alpha", float, 1.0, minimum=0.0),
        cost=8,
    ),
    unary(
        "leaky_relu",
        "x where positive, else slope * x.",
        "F.leaky_relu({x}{more})",
        Attribute("slope", float, 0.01),
    ),
    _along("softmax", "exp(x), made to sum to one along an axis (`torch.nn.Softmax`)."),
    _along("log_softmax", "The logarithm of `softmax`, without its overflow (`torch.nn.LogSoftmax`)."),
)
