"""Pooling over sequences `[channels, length]` and images `[channels, height, width]`."""

from __future__ import annotations

from math import prod
from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import integer, integers
from rl2graph.ir.ops.text import OVER_BATCH, call, tuple_of
from rl2graph.ir.ops.windows import (
    KERNEL,
    PADDING,
    draw_channels,
    need_channels,
    sample_window,
    slid,
    slide,
    stride_of,
)
from rl2graph.ir.types import TensorType, f32


def _pool(name: str, axes: int, doc: str) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_channels(name, axes, types)
        padding, kernel = integer(attributes, "padding"), integer(attributes, "kernel")
        if 2 * padding > kernel:
            message = f"`padding` of `{name}` is at most half its kernel of {kernel}, not {padding}"
            raise TypeProblem("RLG304", message, "padding")
        return f32(types[0].axes[0], *slid(name, types[0], attributes))

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return prod((integer(attributes, "kernel"),) * axes) * result.size

    def emit(e: Emission) -> str:
        kernel = integer(e.attributes, "kernel")
        return slide(e, f"F.{name}", (str(kernel),), stride=kernel, padding=0)

    def canonical(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
        return {**attributes, "stride": stride_of(attributes)}

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(KERNEL, Attribute("stride", int, None, minimum=1), PADDING),
        infer=infer,
        flops=flops,
        emit=emit,
        helpers=(OVER_BATCH,),
        canonical=canonical,
        sample=lambda random, types: sample_window(axes, random, types),
        draw=draw_channels(axes),
    )


def _adaptive(name: str, doc: str) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_channels(name, 2, types)
        return f32(types[0].axes[0], *_size(name, attributes))

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return max(types[0].size, result.size)

    def emit(e: Emission) -> str:
        return call("_over_batch", f"F.{name}", e.operands[0], 3, tuple_of(_size(name, e.attributes)))

    def canonical(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
        return {**attributes, "size": _size(name, attributes)}

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(Attribute("size", tuple[int, ...], minimum=1),),
        infer=infer,
        flops=flops,
        emit=emit,
        helpers=(OVER_BATCH,),
        canonical=canonical,
        sample=_sample_size,
        draw=draw_channels(2),
    )


def _size(op: str, attributes: Attributes) -> tuple[int, int]:
    size = integers(attributes, "size")
    if len(size) not in (1, 2):
        message = f"`size` of `{op}` is one number or [height, width], not {len(size)} numbers"
        raise TypeProblem("RLG304", message, "size")
    return size[0], size[-1]


def _sample_size(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) != 3:
        return None
    return {"size": tuple(random.randint(1, 4) for _ in range(random.randint(1, 2)))}


_STRIDE_NOTE = "the stride is the kernel if left out"

OPS = (
    _pool("max_pool1d", 1, f"The largest value of each window (`torch.nn.MaxPool1d`); {_STRIDE_NOTE}."),
    _pool("max_pool2d", 2, f"The largest value of each window (`torch.nn.MaxPool2d`); {_STRIDE_NOTE}."),
    _pool(
        "avg_pool1d", 1, f"The mean of each window, padding included (`torch.nn.AvgPool1d`); {_STRIDE_NOTE}."
    ),
    _pool(
        "avg_pool2d", 2, f"The mean of each window, padding included (`torch.nn.AvgPool2d`); {_STRIDE_NOTE}."
    ),
    _adaptive(
        "adaptive_avg_pool2d",
        "The means of as many windows as `size` says, one number or [height, width], which cover the image"
        " (`torch.nn.AdaptiveAvgPool2d`).",
    ),
    _adaptive(
        "adaptive_max_pool2d",
        "The largest values of as many windows as `size` says, one number or [height, width], which cover the"
        " image (`torch.nn.AdaptiveMaxPool2d`).",
    ),
)
