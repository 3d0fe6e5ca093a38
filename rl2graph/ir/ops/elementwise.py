"""Arithmetic, comparison and choice, element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.pointwise import aligned, broadcast, unary
from rl2graph.ir.ops.rules import need_float, number
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType


def _binary(
    name: str,
    doc: str,
    emit: Callable[[Emission], str],
    *,
    sign: str | None = None,
    stable: bool = True,
    neutral: Mapping[int, float] | None = None,
    commutative: bool = False,
) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        return broadcast(sign or name, types)

    return Op(
        name=name,
        doc=doc,
        operands=("x", "y"),
        infer=infer,
        emit=emit,
        constants=True,
        neutral=neutral or {},
        commutative=commutative,
        stable=stable,
    )


def _arithmetic(name: str, sign: str, doc: str, *, neutral: Mapping[int, float], stable: bool = True) -> Op:
    emit: Callable[[Emission], str] = lambda e: f" {sign} ".join(aligned(e))  # noqa: E731
    return _binary(
        name, doc, emit, sign=sign, stable=stable, neutral=neutral, commutative=name in ("add", "mul")
    )


def _extreme(name: str, bound: str, doc: str) -> Op:
    """`minimum` or `maximum`; beside a number it is what `bound` of `torch.clamp` is for."""

    def emit(e: Emission) -> str:
        x, y = aligned(e)
        if any(e.literals):
            tensor, number = (y, x) if e.literals[0] else (x, y)
            return f"torch.clamp({tensor}, {bound}={number})"
        return f"torch.{name}({x}, {y})"

    return _binary(name, doc, emit, commutative=True)


def _comparison(name: str, sign: str) -> Op:
    def emit(e: Emission) -> str:
        tensor = e.operands[1 if e.literals[0] else 0]
        return f"({f' {sign} '.join(aligned(e))}).to({tensor}.dtype)"

    doc = f"1 where `x {sign} y`, else 0; one may be a number. No gradient flows through it."
    return _binary(name, doc, emit, stable=False)


def _where_type(types: Types, attributes: Attributes) -> TensorType:
    return broadcast("where", types, ("condition", "x", "y"))


def _emit_where(e: Emission) -> str:
    condition, x, y = aligned(e)
    given, *numbers = e.literals
    if given:
        both = [(x, numbers[0]), (y, numbers[1])]
        return _in_both_shapes(*(both if e.operands[0] not in ("0.0", "-0.0") else reversed(both)))
    text = f"torch.where({condition} != 0, {x}, {y})"
    return f"{text}.to({e.operands[0]}.dtype)" if all(numbers) else text


def _in_both_shapes(chosen: tuple[str, bool], other: tuple[str, bool]) -> str:
    """What a number has chosen, a number or not, in the shape that it makes with the other."""
    if chosen[1]:
        return f"torch.full_like({other[0]}, {chosen[0]})"
    return chosen[0] if other[1] else f"torch.broadcast_tensors({chosen[0]}, {other[0]})[0]"


def _clip_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("clip", types)
    low, high = number(attributes, "low"), number(attributes, "high")
    if low > high:
        raise TypeProblem("RLG304", f"`clip` needs low <= high, not {low:g} and {high:g}", "high")
    return types[0]


def _sample_clip(random: Random, types: Types) -> Attributes:
    low = random.uniform(-2, 1)
    return {"low": low, "high": low + random.uniform(0, 2)}


OPS = (
    # -0.0 + 0.0 is 0.0, so that 0.0 is neutral on the right of a difference alone.
    _arithmetic("add", "+", "`x + y`, element by element; one may be a number.", neutral={0: -0.0, 1: -0.0}),
    _arithmetic("sub", "-", "`x - y`, element by element; one may be a number.", neutral={1: 0.0}),
    _arithmetic("mul", "*", "`x * y`, element by element; one may be a number.", neutral={0: 1.0, 1: 1.0}),
    _arithmetic(
        "div", "/", "`x / y`, element by element; one may be a number.", neutral={1: 1.0}, stable=False
    ),
    unary("neg", "`-x`.", "-{x}"),
    _extreme("minimum", "max", "The smaller of two, element by element; one may be a number."),
    _extreme("maximum", "min", "The larger of two, element by element; one may be a number."),
    _comparison("greater", ">"),
    _comparison("less", "<"),
    _comparison("greater_equal", ">="),
    _comparison("less_equal", "<="),
    _comparison("equal", "=="),
    Op(
        name="where",
        doc="`x` where `condition` is not zero, else `y` (`torch.where`); each may be a number.",
        operands=("condition", "x", "y"),
        infer=_where_type,
        emit=_emit_where,
        constants=True,
        stable=False,
    ),
    Op(
        name="clip",
        doc="x kept between `low` and `high` (`torch.clamp`).",
        operands=("x",),
        attributes=(Attribute("low", float), Attribute("high", float)),
        infer=_clip_type,
        emit=lambda e: call("torch.clamp", e.operands[0], e.attributes["low"], e.attributes["high"]),
        idempotent=True,
        sample=_sample_clip,
    ),
    unary("abs", "The absolute value.", "torch.abs({x})", idempotent=True),
    unary("square", "`x * x`.", "torch.square({x})"),
    unary("sign", "-1, 0 or 1; its gradient is zero.", "torch.sign({x})", stable=False, idempotent=True),
    # The rest is not stable: they have poles, overflow, or lose what a large operand's last digits say.
    unary("sqrt", "The square root; NaN below zero.", "torch.sqrt({x})", cost=4, stable=False),
    unary("exp", "The exponential.", "torch.exp({x})", cost=8, stable=False),
    unary("log", "The natural logarithm; -inf at zero, NaN below.", "torch.log({x})", cost=8, stable=False),
    unary("sin", "The sine.", "torch.sin({x})", cost=8, stable=False),
    unary("cos", "The cosine.", "torch.cos({x})", cost=8, stable=False),
)
