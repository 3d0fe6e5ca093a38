"""Where values come from: inputs, constants, and how raw observations and actions become floats."""

from __future__ import annotations

from math import isfinite

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import integer
from rl2graph.ir.types import UNKNOWN, TensorType, f32


def _input_type(types: Types, attributes: Attributes) -> TensorType:
    shape = attributes["shape"]
    assert shape is None or isinstance(shape, tuple)
    return TensorType(attributes["dtype"], shape)  # type: ignore[arg-type]


def _constant_type(types: Types, attributes: Attributes) -> TensorType:
    return f32()


def _free(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 0


def _emit_constant(e: Emission) -> str:
    value = e.attributes["value"]
    assert isinstance(value, float)
    return repr(value) if isfinite(value) else f'float("{value}")'


def _scale_type(types: Types, attributes: Attributes) -> TensorType:
    (image,) = types
    if image.dtype != "u8":
        raise TypeProblem("RLG305", f"`scale_image` takes bytes, not {image}", "x")
    return f32(*image.dims)


def _channels_first_type(types: Types, attributes: Attributes) -> TensorType:
    height, width, channels = types[0].dims
    return TensorType(types[0].dtype, (channels, height, width))


def _one_hot_type(types: Types, attributes: Attributes) -> TensorType:
    (index,) = types
    if index.dtype != "i64":
        raise TypeProblem("RLG305", f"`one_hot` takes integers, not {index}", "x")
    return f32(*index.dims, integer(attributes, "n"))


def _emit_one_hot(e: Emission) -> str:
    start = integer(e.attributes, "start")
    index = f"{e.operands[0]} - {start}" if start else e.operands[0]
    return f"F.one_hot({index}, {e.attributes['n']}).to({e.dtype})"


OPS = (
    Op(
        name="input",
        doc="A value that the caller gives.",
        operands=(),
        attributes=(
            Attribute("name", str),
            Attribute("dtype", str, "f32"),
            Attribute("shape", tuple[int, ...], None),
        ),
        infer=_input_type,
        emit=lambda e: str(e.attributes["name"]),
        flops=_free,
        written=False,
    ),
    Op(
        name="constant",
        doc="A number; an operand of arithmetic only.",
        operands=(),
        attributes=(Attribute("value", float),),
        infer=_constant_type,
        emit=_emit_constant,
        flops=_free,
        written=False,
    ),
    Op(
        name="scale_image",
        doc="Bytes 0..255 as floats 0..1.",
        operands=("x",),
        infer=_scale_type,
        emit=lambda e: f"{e.operands[0]}.to({e.dtype}) / 255",
        written=False,
    ),
    Op(
        name="channels_first",
        doc="An image `[height, width, channels]` as `[channels, height, width]`.",
        operands=("x",),
        infer=_channels_first_type,
        emit=lambda e: f"{e.operands[0]}.movedim(-1, -3)",
        flops=_free,
        written=False,
    ),
    Op(
        name="one_hot",
        doc="An index as a vector with a one at its place; `start` is the first index.",
        operands=("x",),
        attributes=(Attribute("n", int, minimum=1), Attribute("start", int, 0)),
        infer=_one_hot_type,
        emit=_emit_one_hot,
        flops=_free,
        written=False,
    ),
    Op(
        name="unresolved",
        doc="A part that only the spaces decide, in a graph made without them; it can be shown, not run.",
        operands=("x",),
        attributes=(Attribute("part", str),),
        infer=lambda types, attributes: UNKNOWN,
        emit=lambda e: f"unresolved({e.operands[0]})",
        flops=_free,
        written=False,
    ),
)
