"""Losses per sample, for `loss` statements."""

from __future__ import annotations

from rl2graph.ir.op import Attributes, Emission, Op, Types
from rl2graph.ir.ops.elementwise import broadcast
from rl2graph.ir.ops.rules import unsqueeze
from rl2graph.ir.types import TensorType, f32


def _mse_type(types: Types, attributes: Attributes) -> TensorType:
    broadcast("mse", types)
    return f32()


def _mse_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 3 * broadcast("mse", types).size


def _emit_mse(e: Emission) -> str:
    joined = broadcast("mse", e.types)
    rank = len(joined.axes)
    left, right = (unsqueeze(text, type_, rank) for text, type_ in zip(e.operands, e.types, strict=True))
    axes = ", ".join(str(axis) for axis in range(-rank, 0))
    square = f"({left} - {right}).square()"
    return f"{square}.mean(dim=({axes},))" if rank else square


OPS = (
    Op(
        name="mse",
        doc="The mean over a sample's elements of the squared difference (`torch.nn.MSELoss`): one number per"
        " sample.",
        operands=("x", "y"),
        infer=_mse_type,
        flops=_mse_flops,
        emit=_emit_mse,
    ),
)
