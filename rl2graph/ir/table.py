"""The op table: every op by its name."""

from __future__ import annotations

from rl2graph.ir.op import Op
from rl2graph.ir.ops import convolution, dense, elementwise, heads, inputs, losses, shaping

OPS: dict[str, Op] = {
    op.name: op
    for module in (inputs, dense, convolution, shaping, elementwise, heads, losses)
    for op in module.OPS
}
