"""Reductions: one number in the place of those along an axis of the sample."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.axes import AXIS, axis_from_end, axis_of, from_end, sample_axis
from rl2graph.ir.ops.rules import integer, need_float
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType, f32

_KEEPDIM = Attribute("keepdim", bool, False)


def _reduced(name: str, types: Types, attributes: Attributes) -> TensorType:
    need_float(name, types)
    axis = axis_of(name, types[0], attributes)
    axes = types[0].axes
    kept = (1,) if attributes.get("keepdim") else ()
    return f32(*axes[:axis], *kept, *axes[axis + 1 :])


def _emit(method: str, e: Emission, *more: str) -> str:
    kept = ("keepdim=True",) if e.attributes.get("keepdim") else ()
    return call(f"{e.operands[0]}.{method}", f"dim={from_end(e)}", *kept, *more)


def _sample(random: Random, types: Types) -> Attributes | None:
    axis = sample_axis(random, types)
    return axis and {**axis, "keepdim": random.random() < 0.4}


def _reduction(name: str, doc: str, cost: int = 1) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        return _reduced(name, types, attributes)

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return cost * types[0].size

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(AXIS, _KEEPDIM),
        infer=infer,
        flops=flops,
        emit=lambda e: _emit(name, e),
        canonical=axis_from_end,
        sample=_sample,
    )


def _var_type(types: Types, attributes: Attributes) -> TensorType:
    result = _reduced("var", types, attributes)
    length = types[0].axes[axis_of("var", types[0], attributes)]
    correction = integer(attributes, "correction")
    if surely_more(correction + 1, length):
        message = f"`var` divides by {length} - {correction}: the axis of {types[0]} is too short"
        hint = "correction=0 divides by the number of elements"
        raise TypeProblem("RLG304", message, "x", hint if correction == 1 else None)
    return result


def _sample_var(random: Random, types: Types) -> Attributes | None:
    given = _sample(random, types)
    return given and {**given, "correction": random.choice((0, 1, 1, 2))}


def _argmax_type(types: Types, attributes: Attributes) -> TensorType:
    return TensorType("i64", _reduced("argmax", types, attributes).axes)


OPS = (
    _reduction("sum", "The sum along an axis."),
    _reduction("mean", "The mean along an axis."),
    _reduction("amax", "The largest along an axis; those that are equal share the gradient (`torch.amax`)."),
    _reduction("amin", "The smallest along an axis; those that are equal share the gradient (`torch.amin`)."),
    _reduction("logsumexp", "log(sum(exp(x))) along an axis, without its overflow (`torch.logsumexp`).", 10),
    Op(
        name="var",
        doc="The variance along an axis: the sum of squared differences to the mean, divided by the number of"
        " elements less `correction` (`torch.var`; 1 makes it unbiased, 0 is what normalisation takes).",
        operands=("x",),
        attributes=(AXIS, _KEEPDIM, Attribute("correction", int, 1, minimum=0)),
        infer=_var_type,
        flops=lambda types, attributes, result: 4 * types[0].size,
        emit=lambda e: _emit("var", e, f"correction={e.attributes['correction']}"),
        canonical=axis_from_end,
        sample=_sample_var,
    ),
    Op(
        name="argmax",
        doc="The index of the largest along an axis, an integer (`torch.argmax`); no gradient flows through"
        " it. Which of several that are equal is not said.",
        operands=("x",),
        attributes=(AXIS,),
        infer=_argmax_type,
        flops=lambda types, attributes, result: types[0].size,
        emit=lambda e: _emit("argmax", e),
        canonical=axis_from_end,
        sample=sample_axis,
        stable=False,
    ),
)
