"""Where values come from: inputs, constants, and how raw observations and actions become floats."""

from __future__ import annotations

import json
from math import isfinite

from rl2graph.ir.dims import Dim, symbol
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import free, integer, integers, need_rank, number
from rl2graph.ir.ops.text import tuple_of
from rl2graph.ir.types import UNKNOWN, TensorType, f32


def _input_type(types: Types, attributes: Attributes) -> TensorType:
    shape = attributes["shape"]
    assert shape is None or isinstance(shape, tuple)
    return TensorType(attributes["dtype"], shape)  # type: ignore[arg-type]


def _emit_input(e: Emission) -> str:
    path = e.attributes["path"]
    assert isinstance(path, tuple)
    return str(e.attributes["name"]) + "".join(f"[{json.dumps(part, ensure_ascii=False)}]" for part in path)


def _constant_type(types: Types, attributes: Attributes) -> TensorType:
    return f32()


def _emit_constant(e: Emission) -> str:
    value = number(e.attributes, "value")
    return repr(value) if isfinite(value) else f'float("{value}")'


def _scale_type(types: Types, attributes: Attributes) -> TensorType:
    (image,) = types
    if image.dtype != "u8":
        raise TypeProblem("RLG305", f"`scale_image` takes bytes, not {image}", "x")
    return f32(*image.axes)


def _channels_first_type(types: Types, attributes: Attributes) -> TensorType:
    need_rank("channels_first", types[0], (3,), "an image [height, width, channels]")
    height, width, channels = types[0].axes
    return TensorType(types[0].dtype, (channels, height, width))


def _one_hot_type(types: Types, attributes: Attributes) -> TensorType:
    (index,) = types
    if index.dtype != "i64":
        hint = 'cast(x, "i64") makes integers of floats' if index.dtype == "f32" else None
        raise TypeProblem("RLG305", f"`one_hot` takes integers, not {index}", "x", hint)
    return f32(*index.axes, integer(attributes, "n"))


def _emit_one_hot(e: Emission) -> str:
    start = integer(e.attributes, "start")
    index = f"{e.operands[0]} - {start}" if start else e.operands[0]
    return f"F.one_hot({index}, {e.attributes['n']}).to({e.dtype})"


def _one_hots_type(types: Types, attributes: Attributes) -> TensorType:
    (indices,) = types
    counts = integers(attributes, "counts")
    if indices.dtype != "i64" or indices.shape != (len(counts),):
        raise TypeProblem("RLG305", f"`one_hots` takes {len(counts)} integers, not {indices}", "x")
    return f32(sum(counts))


def _emit_one_hots(e: Emission) -> str:
    counts = integers(e.attributes, "counts")
    parts = tuple_of(f"F.one_hot({e.operands[0]}[..., {i}], {n})" for i, n in enumerate(counts))
    return f"torch.cat({parts}, dim=-1).to({e.dtype})"


def _as_float_type(types: Types, attributes: Attributes) -> TensorType:
    if types[0].dtype != "i64":
        raise TypeProblem("RLG305", f"`as_float` takes integers, not {types[0]}", "x")
    return f32(*types[0].axes)


def _joint_type(types: Types, attributes: Attributes) -> TensorType:
    return f32(symbol(f"joint_{attributes['name']}"))


OPS = (
    Op(
        name="input",
        doc="A value that the caller gives: an input, or the part of it that `path` leads to.",
        operands=(),
        attributes=(
            Attribute("name", str),
            Attribute("dtype", str, "f32"),
            Attribute("shape", tuple[Dim, ...], None),
            Attribute("path", tuple[str, ...], ()),
        ),
        infer=_input_type,
        emit=_emit_input,
        flops=free,
        written=False,
    ),
    Op(
        name="constant",
        doc="A number; an operand of arithmetic only.",
        operands=(),
        attributes=(Attribute("value", float),),
        infer=_constant_type,
        emit=_emit_constant,
        flops=free,
        written=False,
    ),
    Op(
        name="scale_image",
        doc="Bytes 0..255 as floats 0..1.",
        operands=("x",),
        infer=_scale_type,
        draw=lambda random: (TensorType("u8", (2, 4, 3)),),
        encodes_input=True,
        emit=lambda e: f"{e.operands[0]}.to({e.dtype}) / 255",
        written=False,
    ),
    Op(
        name="channels_first",
        doc="An image `[height, width, channels]` as `[channels, height, width]`.",
        operands=("x",),
        infer=_channels_first_type,
        draw=lambda random: (TensorType(random.choice(("f32", "u8")), (4, 5, 3)),),
        encodes_input=True,
        emit=lambda e: f"{e.operands[0]}.movedim(-1, -3)",
        flops=free,
        written=False,
    ),
    Op(
        name="one_hot",
        doc="An index as a vector of `n` with a one at its place; `start` is the first index, and one out of"
        " range is an error (`torch.nn.functional.one_hot`).",
        operands=("x",),
        attributes=(Attribute("n", int, minimum=1), Attribute("start", int, 0)),
        infer=_one_hot_type,
        draw=lambda random: (TensorType("i64", random.choice(((), (3,)))),),
        sample=lambda random, types: {"n": 4, "start": random.randint(0, 2)},
        encodes_input=True,
        emit=_emit_one_hot,
        flops=free,
    ),
    Op(
        name="one_hots",
        doc="Several indices as one-hot vectors, joined; `counts` says how many choices each has.",
        operands=("x",),
        attributes=(Attribute("counts", tuple[int, ...]),),
        infer=_one_hots_type,
        draw=lambda random: (TensorType("i64", (2,)),),
        sample=lambda random, types: {"counts": (5, 4)},
        encodes_input=True,
        emit=_emit_one_hots,
        written=False,
    ),
    Op(
        name="as_float",
        doc="Integers as floats of the same value.",
        operands=("x",),
        infer=_as_float_type,
        draw=lambda random: (TensorType("i64", (3,)),),
        encodes_input=True,
        emit=lambda e: f"{e.operands[0]}.to({e.dtype})",
        written=False,
    ),
    Op(
        name="joint",
        doc="An input of every agent, in the environment's order, joined to one vector. Its width hangs on"
        " the agents, so it can be shown, not run, until they are known.",
        operands=("x",),
        attributes=(Attribute("name", str),),
        infer=_joint_type,
        emit=lambda e: f"joint({e.operands[0]})",
        flops=free,
        written=False,
    ),
    Op(
        name="unresolved",
        doc="A part that only the spaces decide, in a graph made without them; it can be shown, not run.",
        operands=("xs",),
        variadic=True,
        attributes=(Attribute("part", str),),
        infer=lambda types, attributes: UNKNOWN,
        emit=lambda e: f"unresolved({e.operands[0]})",
        flops=free,
        written=False,
    ),
)
