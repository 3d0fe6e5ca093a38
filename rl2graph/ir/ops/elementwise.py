"""Arithmetic and activations."""

from __future__ import annotations

from collections.abc import Callable

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import need_float, unsqueeze
from rl2graph.ir.types import TensorType, f32


def broadcast(sign: str, types: Types) -> TensorType:
    """NumPy's rule over the axes of a sample: trailing axes must agree, or one of them be 1."""
    need_float(sign, types)
    left, right = (type_.axes for type_ in types)
    rank = max(len(left), len(right))
    padded = [(1,) * (rank - len(dims)) + dims for dims in (left, right)]
    result = []
    for a, b in zip(*padded, strict=True):
        if 1 not in (a, b) and not equal(a, b):
            raise TypeProblem(
                "RLG301", f"`{sign}` cannot join {types[0]} and {types[1]}: axes of {a} and {b} differ", "y"
            )
        result.append(b if a == 1 else a)
    return f32(*result)


def _binary(name: str, sign: str, doc: str, *, stable: bool = True) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        return broadcast(sign, types)

    def emit(e: Emission) -> str:
        rank = len(e.result.axes)
        shown = [
            text if literal else unsqueeze(text, type_, rank)
            for text, type_, literal in zip(e.operands, e.types, e.literals, strict=True)
        ]
        return f"{shown[0]} {sign} {shown[1]}"

    return Op(name=name, doc=doc, operands=("x", "y"), infer=infer, emit=emit, constants=True, stable=stable)


def _unary(name: str, doc: str, text: str, attributes: tuple[Attribute, ...] = (), cost: int = 1) -> Op:
    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_float(name, types)
        return types[0]

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return cost * result.size

    emit: Callable[[Emission], str] = lambda e: text.format(x=e.operands[0], **e.attributes)  # noqa: E731
    return Op(name=name, doc=doc, operands=("x",), attributes=attributes, infer=infer, flops=flops, emit=emit)


OPS = (
    _binary("add", "+", "`x + y`."),
    _binary("sub", "-", "`x - y`."),
    _binary("mul", "*", "`x * y`, element by element."),
    _binary("div", "/", "`x / y`, element by element.", stable=False),
    _unary("neg", "`-x`.", "-{x}"),
    _unary("relu", "max(x, 0).", "F.relu({x})"),
    _unary("tanh", "The hyperbolic tangent.", "torch.tanh({x})", cost=8),
    _unary("sigmoid", "1 / (1 + exp(-x)).", "torch.sigmoid({x})", cost=8),
    _unary("silu", "x * sigmoid(x).", "F.silu({x})", cost=9),
    _unary("gelu", "x * Phi(x), exact (Hendrycks and Gimpel 2016).", "F.gelu({x})", cost=12),
    _unary("softplus", "log(1 + exp(x)).", "F.softplus({x})", cost=10),
    _unary(
        "elu",
        "x where positive, else alpha * (exp(x) - 1).",
        "F.elu({x}, {alpha!r})",
        (Attribute("alpha", float, 1.0, minimum=0.0),),
        cost=8,
    ),
    _unary(
        "leaky_relu",
        "x where positive, else slope * x.",
        "F.leaky_relu({x}, {slope!r})",
        (Attribute("slope", float, 0.01),),
    ),
)
