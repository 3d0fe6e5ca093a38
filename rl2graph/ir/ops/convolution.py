"""Convolution and pooling over images `[channels, height, width]`."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import Dim, surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import HIDDEN_GAIN, OVER_BATCH, ZEROS, integer, need_float, need_rank
from rl2graph.ir.types import TensorType, f32

_IMAGE = "an image f32[channels, height, width]"


def _window(op: str, image: TensorType, attributes: Attributes) -> tuple[Dim, Dim]:
    """Height and width of the result of sliding a window over `image`."""
    kernel, padding = integer(attributes, "kernel"), integer(attributes, "padding")
    stride = _stride(attributes)
    _, height, width = image.axes
    if any(surely_more(kernel, side + 2 * padding) for side in (height, width)):
        raise TypeProblem(
            "RLG301",
            f"`{op}` has a {kernel}x{kernel} kernel, larger than the {height}x{width} image it slides over",
            "kernel",
            hint="use a smaller kernel, padding, or fewer layers that shrink the image",
        )
    tall, wide = ((side + 2 * padding - kernel) // stride + 1 for side in (height, width))
    return tall, wide


def _stride(attributes: Attributes) -> int:
    stride = attributes["stride"]
    return integer(attributes, "kernel") if stride is None else integer(attributes, "stride")


def _conv_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("conv2d", types)
    need_rank("conv2d", types[0], (3,), _IMAGE)
    return f32(integer(attributes, "out"), *_window("conv2d", types[0], attributes))


def _conv_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    out, kernel = integer(attributes, "out"), integer(attributes, "kernel")
    shape = (out, types[0].axes[0], kernel, kernel)
    return Weight("weight", shape, Init("orthogonal", HIDDEN_GAIN)), Weight("bias", (out,), ZEROS)


def _conv_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 2 * types[0].dims[0] * integer(attributes, "kernel") ** 2 * result.size


def _emit_conv(e: Emission) -> str:
    arguments = ["F.conv2d", e.operands[0], "3", *e.weights.values()]
    for name, default in (("stride", 1), ("padding", 0)):
        if e.attributes[name] != default:
            arguments.append(f"{name}={e.attributes[name]}")
    return f"over_batch({', '.join(arguments)})"


def _pool_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("max_pool2d", types)
    need_rank("max_pool2d", types[0], (3,), _IMAGE)
    if 2 * integer(attributes, "padding") > integer(attributes, "kernel"):
        raise TypeProblem("RLG304", "`max_pool2d` pads by at most half its kernel", "padding")
    return f32(types[0].axes[0], *_window("max_pool2d", types[0], attributes))


def _pool_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return integer(attributes, "kernel") ** 2 * result.size


def _emit_pool(e: Emission) -> str:
    arguments = ["F.max_pool2d", e.operands[0], "3", str(e.attributes["kernel"])]
    if e.attributes["stride"] not in (None, e.attributes["kernel"]):
        arguments.append(f"stride={e.attributes['stride']}")
    if e.attributes["padding"]:
        arguments.append(f"padding={e.attributes['padding']}")
    return f"over_batch({', '.join(arguments)})"


def _sample(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) != 3:
        return None
    kernel = random.randint(1, min(3, *types[0].dims[1:]))
    return {"kernel": kernel, "stride": random.randint(1, 2), "padding": random.randint(0, kernel // 2)}


def _sample_conv(random: Random, types: Types) -> Attributes | None:
    window = _sample(random, types)
    return None if window is None else {"out": random.randint(1, 4), **window}


OPS = (
    Op(
        name="conv2d",
        doc="A two-dimensional convolution (`torch.nn.Conv2d`).",
        operands=("x",),
        attributes=(
            Attribute("out", int, minimum=1),
            Attribute("kernel", int, minimum=1),
            Attribute("stride", int, 1, minimum=1),
            Attribute("padding", int, 0, minimum=0),
        ),
        infer=_conv_type,
        weights=_conv_weights,
        flops=_conv_flops,
        emit=_emit_conv,
        helpers=(OVER_BATCH,),
        sample=_sample_conv,
    ),
    Op(
        name="max_pool2d",
        doc="The largest value of each window (`torch.nn.MaxPool2d`); the stride is the kernel if left out.",
        operands=("x",),
        attributes=(
            Attribute("kernel", int, minimum=1),
            Attribute("stride", int, None, minimum=1),
            Attribute("padding", int, 0, minimum=0),
        ),
        infer=_pool_type,
        flops=_pool_flops,
        emit=_emit_pool,
        helpers=(OVER_BATCH,),
        sample=_sample,
    ),
)
