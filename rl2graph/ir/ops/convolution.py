"""Convolution over sequences `[channels, length]` and images `[channels, height, width]`."""

from __future__ import annotations

from math import prod
from random import Random

from rl2graph.ir.dims import Dim, surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import BIAS, HIDDEN_GAIN, OUT, ZEROS, biased, integer
from rl2graph.ir.ops.text import OVER_BATCH
from rl2graph.ir.ops.windows import (
    KERNEL,
    PADDING,
    draw_channels,
    need_channels,
    sample_window,
    slid,
    slide,
)
from rl2graph.ir.types import TensorType, f32

_STRIDE = Attribute("stride", int, 1, minimum=1)


def _conv(name: str, axes: int, doc: str) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_channels(name, axes, types)
        return f32(integer(attributes, "out"), *slid(name, types[0], attributes))

    def weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
        out, kernel = integer(attributes, "out"), integer(attributes, "kernel")
        return _filters((out, types[0].axes[0], *(kernel,) * axes), attributes)

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return 2 * types[0].dims[0] * prod((integer(attributes, "kernel"),) * axes) * result.size

    def emit(e: Emission) -> str:
        return slide(e, f"F.{name}", _given(e), stride=1, padding=0)

    def sample(random: Random, types: Types) -> Attributes | None:
        window = sample_window(axes, random, types)
        return None if window is None else {"out": random.randint(1, 4), **window, "bias": biased(random)}

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(OUT, KERNEL, _STRIDE, PADDING, BIAS),
        infer=infer,
        weights=weights,
        flops=flops,
        emit=emit,
        helpers=(OVER_BATCH,),
        sample=sample,
        draw=draw_channels(axes),
    )


def _filters(shape: tuple[Dim, ...], attributes: Attributes) -> tuple[Weight, ...]:
    weight = Weight("weight", shape, Init("orthogonal", HIDDEN_GAIN))
    bias = Weight("bias", (integer(attributes, "out"),), ZEROS)
    return (weight, bias) if attributes["bias"] else (weight,)


def _given(e: Emission) -> tuple[str, ...]:
    """The weights as torch's functions take them."""
    return tuple(e.weights.values())


def _transpose_type(types: Types, attributes: Attributes) -> TensorType:
    need_channels("conv_transpose2d", 2, types)
    kernel, stride, padding, more = (
        integer(attributes, name) for name in ("kernel", "stride", "padding", "output_padding")
    )
    if more >= stride:
        raise TypeProblem(
            "RLG304",
            f"`output_padding` of `conv_transpose2d` is less than its stride of {stride}, not {more}",
            "output_padding",
        )
    sides = tuple((side - 1) * stride + kernel + more - 2 * padding for side in types[0].axes[1:])
    if any(surely_more(1, side) for side in sides):
        _, height, width = types[0].axes
        raise TypeProblem(
            "RLG301",
            f"`conv_transpose2d` with a padding of {padding} leaves nothing of the {height}x{width} image",
            "padding",
            hint="its padding takes away from the result: use a smaller one",
        )
    return f32(integer(attributes, "out"), *sides)


def _transpose_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    out, kernel = integer(attributes, "out"), integer(attributes, "kernel")
    return _filters((types[0].axes[0], out, kernel, kernel), attributes)


def _transpose_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 2 * types[0].size * integer(attributes, "out") * integer(attributes, "kernel") ** 2


def _emit_transpose(e: Emission) -> str:
    return slide(e, "F.conv_transpose2d", _given(e), stride=1, padding=0, output_padding=0)


def _sample_transpose(random: Random, types: Types) -> Attributes | None:
    window = sample_window(2, random, types)
    if window is None:
        return None
    more = random.randint(0, integer(window, "stride") - 1)
    return {"out": random.randint(1, 4), **window, "output_padding": more, "bias": biased(random)}


OPS = (
    _conv(
        "conv1d",
        1,
        "A convolution over a sequence, f32[channels, length] to f32[out, places] (`torch.nn.Conv1d`).",
    ),
    _conv(
        "conv2d",
        2,
        "A convolution over an image, f32[channels, height, width] to f32[out, rows, columns]"
        " (`torch.nn.Conv2d`).",
    ),
    Op(
        name="conv_transpose2d",
        doc="A two-dimensional transposed convolution, which enlarges an image (`torch.nn.ConvTranspose2d`);"
        " `output_padding` adds rows and columns at the end.",
        operands=("x",),
        attributes=(OUT, KERNEL, _STRIDE, PADDING, Attribute("output_padding", int, 0, minimum=0), BIAS),
        infer=_transpose_type,
        weights=_transpose_weights,
        flops=_transpose_flops,
        emit=_emit_transpose,
        helpers=(OVER_BATCH,),
        sample=_sample_transpose,
        draw=draw_channels(2),
    ),
)
