"""Ops that take a part of a tensor, or put something around it."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import Dim, surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.axes import AXIS, axis_from_end, axis_of, draw_any, from_end, sample_axis
from rl2graph.ir.ops.rules import free, integer, integers, need_float, where_unchanged
from rl2graph.ir.ops.text import call, options, tuple_of
from rl2graph.ir.types import TensorType, f32


def _slice_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    axis = axis_of("slice", x, attributes)
    length = x.axes[axis]
    start = _place("start", x, axis, attributes)
    stop = length if attributes["stop"] is None else _place("stop", x, axis, attributes)
    count = stop - start
    if surely_more(1, count):
        end = "the end" if attributes["stop"] is None else attributes["stop"]
        argument = "start" if attributes["stop"] is None else "stop"
        message = f"`slice` from {attributes['start']} to {end} of an axis of {length} elements is empty"
        raise TypeProblem("RLG304", message, argument)
    return TensorType(x.dtype, (*x.axes[:axis], count, *x.axes[axis + 1 :]))


def _place(name: str, type_: TensorType, axis: int, attributes: Attributes) -> Dim:
    """Where a slice starts or stops, counted from the first element."""
    given, length = integer(attributes, name), type_.axes[axis]
    place = given if given >= 0 else length + given
    if surely_more(place, length) or surely_more(0, place):
        message = f"axis {attributes['axis']} of {type_} has {length} elements: `{name}` cannot be {given}"
        raise TypeProblem("RLG304", message, name)
    return place


def _emit_slice(e: Emission) -> str:
    start, stop = e.attributes["start"], e.attributes["stop"]
    return _indexed(e, f"{start if start else ''}:{'' if stop is None else stop}")


def _indexed(e: Emission, index: str) -> str:
    """The operand with an index in the place of an axis."""
    after = -from_end(e) - 1
    return f"{e.operands[0]}[{', '.join(('...', index, *(':',) * after))}]"


def _sample_slice(random: Random, types: Types) -> Attributes | None:
    given = sample_axis(random, types)
    if given is None:
        return None
    length = types[0].dims[integer(given, "axis")]
    start = random.randrange(length)
    stop = random.randint(start + 1, length)
    return {
        **given,
        "start": start - length if random.random() < 0.3 else start,
        "stop": random.choice((stop, stop if stop == length else stop - length, None)),
    }


def _slice_from_first(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    (x,) = types
    axis = axis_of("slice", x, attributes)
    given = axis_from_end(types, attributes, result)
    length, start = x.axes[axis], _place("start", x, axis, attributes)
    stop = length if attributes["stop"] is None else _place("stop", x, axis, attributes)
    if not isinstance(length, int) or not isinstance(start, int) or not isinstance(stop, int):
        return given
    return {**given, "start": start, "stop": None if stop == length else stop}


def _select_from_first(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    length = types[0].axes[axis_of("select", types[0], attributes)]
    given = axis_from_end(types, attributes, result)
    return {**given, "index": integer(attributes, "index") % length} if isinstance(length, int) else given


def _select_type(types: Types, attributes: Attributes) -> TensorType:
    (x,) = types
    axis = axis_of("select", x, attributes)
    index, length = integer(attributes, "index"), x.axes[axis]
    if surely_more(index + 1, length) or surely_more(-index, length):
        message = f"axis {attributes['axis']} of {x} has {length} elements: `index` cannot be {index}"
        raise TypeProblem("RLG304", message, "index")
    return TensorType(x.dtype, (*x.axes[:axis], *x.axes[axis + 1 :]))


def _sample_select(random: Random, types: Types) -> Attributes | None:
    given = sample_axis(random, types)
    if given is None:
        return None
    length = types[0].dims[integer(given, "axis")]
    return {**given, "index": random.randrange(-length, length)}


def _pad_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("pad", types)
    (x,) = types
    sizes = integers(attributes, "sizes")
    axes = list(x.axes)
    if not sizes or len(sizes) % 2 or len(sizes) > 2 * len(axes):
        rank = len(axes)
        message = f"`pad` of {x} takes two sizes for each axis, the last axis first, not {list(sizes)}"
        hint = f"[before, after] for the last axis{', then for those before it' if rank > 1 else ''}"
        raise TypeProblem("RLG304" if rank else "RLG302", message, "sizes" if rank else "x", hint)
    for pair in range(len(sizes) // 2):
        axes[-pair - 1] = axes[-pair - 1] + sizes[2 * pair] + sizes[2 * pair + 1]
    return f32(*axes)


def _pad_inner_axes(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    """Without the sizes of outer axes that nothing is put around."""
    sizes = integers(attributes, "sizes")
    while len(sizes) > 2 and sizes[-2:] == (0, 0):
        sizes = sizes[:-2]
    return {**attributes, "sizes": sizes}


def _emit_pad(e: Emission) -> str:
    sizes = tuple_of(integers(e.attributes, "sizes"))
    return call("F.pad", e.operands[0], sizes, *options(e, value=0.0))


def _sample_pad(random: Random, types: Types) -> Attributes | None:
    rank = len(types[0].axes)
    if not rank:
        return None
    pairs = random.randint(1, rank)
    sizes = tuple(random.randint(0, 2) for _ in range(2 * pairs))
    return {"sizes": sizes, "value": random.choice((0.0, -1.5))}


OPS = (
    Op(
        name="slice",
        doc="The elements from `start` up to, not including, `stop` along an axis of the sample, the last"
        " where none is given, or to its end without a `stop`; negative numbers count from the end, as in"
        " Python.",
        operands=("x",),
        attributes=(Attribute("start", int), Attribute("stop", int, None), AXIS),
        infer=_slice_type,
        flops=free,
        emit=_emit_slice,
        passes_on=where_unchanged,
        canonical=_slice_from_first,
        sample=_sample_slice,
        draw=draw_any,
    ),
    Op(
        name="select",
        doc="One element along an axis of the sample, the first where none is given, which goes away"
        " (`torch.select`); a negative index counts from the end.",
        operands=("x",),
        attributes=(Attribute("index", int), Attribute("axis", int, 0)),
        infer=_select_type,
        flops=free,
        emit=lambda e: _indexed(e, str(e.attributes["index"])),
        canonical=_select_from_first,
        sample=_sample_select,
        draw=draw_any,
    ),
    Op(
        name="pad",
        doc="A tensor with `value` put around it (`torch.nn.functional.pad`): `sizes` is [before, after] for"
        " the last axis, then for the one before it, and so on.",
        operands=("x",),
        attributes=(Attribute("sizes", tuple[int, ...], minimum=0), Attribute("value", float, 0.0)),
        infer=_pad_type,
        flops=free,
        emit=_emit_pad,
        passes_on=where_unchanged,
        canonical=_pad_inner_axes,
        sample=_sample_pad,
    ),
)
