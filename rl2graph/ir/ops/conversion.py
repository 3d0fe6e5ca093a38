"""Numbers of one kind as those of another."""

from __future__ import annotations

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, Types
from rl2graph.ir.ops.axes import draw_any
from rl2graph.ir.ops.rules import free, where_unchanged
from rl2graph.ir.types import TensorType


def _cast_type(types: Types, attributes: Attributes) -> TensorType:
    return TensorType("i64" if attributes["dtype"] == "i64" else "f32", types[0].shape)


def _emit_cast(e: Emission) -> str:
    (x,) = e.operands
    if e.types[0].dtype == e.result.dtype:
        return x
    return f"{x}.to({e.dtype if e.result.dtype == 'f32' else 'torch.int64'})"


OPS = (
    Op(
        name="cast",
        doc='Numbers as floats, `"f32"`, or as integers, `"i64"`, which rounds towards zero and lets no'
        " gradient through.",
        operands=("x",),
        attributes=(Attribute("dtype", str, choices=("f32", "i64")),),
        infer=_cast_type,
        flops=free,
        emit=_emit_cast,
        passes_on=where_unchanged,
        sample=lambda random, types: {"dtype": random.choice(("f32", "i64"))},
        draw=draw_any,
        stable=False,
    ),
)
