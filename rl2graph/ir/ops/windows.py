"""What convolution and pooling share: windows that slide over a sequence or an image."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rl2graph.ir.dims import Dim, surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, TypeProblem, Types
from rl2graph.ir.ops.rules import describe, integer, need_float, need_rank
from rl2graph.ir.ops.text import call, options
from rl2graph.ir.types import TensorType, f32

NEEDS = {1: "a sequence f32[channels, length]", 2: "an image f32[channels, height, width]"}
"""What ops over that many axes take."""

KERNEL = Attribute("kernel", int, minimum=1)
PADDING = Attribute("padding", int, 0, minimum=0)


def need_channels(op: str, axes: int, types: Types) -> None:
    """Raises where the operand has no channels over that many axes."""
    need_float(op, types)
    if len(types[0].axes) == axes:
        message = f"`{op}` needs {NEEDS[axes]}, but its operand is {describe(types[0])}"
        raise TypeProblem("RLG302", message, "x", "unsqueeze(x, 0) gives it one channel")
    need_rank(op, types[0], (axes + 1,), NEEDS[axes])


def stride_of(attributes: Attributes) -> int:
    """The stride; the kernel where none is given."""
    return integer(attributes, "kernel" if attributes["stride"] is None else "stride")


def slid(op: str, type_: TensorType, attributes: Attributes) -> tuple[Dim, ...]:
    """The sides of the result of sliding a window over `type_`."""
    kernel, padding = integer(attributes, "kernel"), integer(attributes, "padding")
    sides = type_.axes[1:]
    if any(surely_more(kernel, side + 2 * padding) for side in sides):
        if len(sides) == 1:
            shown, fewer = (
                f"a kernel of {kernel}, longer than the sequence of {sides[0]}",
                "shorten the sequence",
            )
        else:
            shown = f"a {kernel}x{kernel} kernel, larger than the {sides[0]}x{sides[1]} image"
            fewer = "shrink the image"
        raise TypeProblem(
            "RLG301",
            f"`{op}` has {shown} it slides over",
            "kernel",
            hint=f"use a smaller kernel, padding, or fewer layers that {fewer}",
        )
    stride = stride_of(attributes)
    return tuple((side + 2 * padding - kernel) // stride + 1 for side in sides)


def slide(e: Emission, function: str, given: tuple[str, ...], **defaults: int) -> str:
    """`over_batch(function, x, rank, given…, option=value…)`, without options at their defaults."""
    rank = len(e.types[0].axes)
    return call("_over_batch", function, e.operands[0], rank, *given, *options(e, **defaults))


def draw_channels(axes: int) -> Callable[[Random], Types]:
    """Operand types to try an op over that many axes with."""
    return lambda random: (f32(random.randint(1, 3), *(random.randint(2, 7) for _ in range(axes))),)


def sample_window(axes: int, random: Random, types: Types) -> Attributes | None:
    """A window that fits the operand."""
    dims = types[0].dims
    if len(dims) != axes + 1:
        return None
    kernel = random.randint(1, min(3, *dims[1:]))
    return {"kernel": kernel, "stride": random.randint(1, 2), "padding": random.randint(0, kernel // 2)}
