"""What ops share that work element by element."""

from __future__ import annotations

from collections.abc import Sequence

from rl2graph.ir.dims import Dim, equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.rules import need_float, same_floats
from rl2graph.ir.ops.text import unsqueeze
from rl2graph.ir.types import TensorType, f32


def broadcast(name: str, types: Types, operands: Sequence[str] = ("x", "y")) -> TensorType:
    """NumPy's rule over the axes of a sample: trailing axes must agree, or one of them be 1."""
    need_float(name, types, operands[0])
    joined = types[0].axes
    for operand, type_ in zip(operands[1:], types[1:], strict=True):
        rank = max(len(joined), len(type_.axes))
        padded = [(1,) * (rank - len(axes)) + axes for axes in (joined, type_.axes)]
        result: list[Dim] = []
        for a, b in zip(*padded, strict=True):
            if 1 not in (a, b) and not equal(a, b):
                message = f"`{name}` cannot join {f32(*joined)} and {type_}: axes of {a} and {b} differ"
                raise TypeProblem("RLG301", message, operand)
            result.append(b if a == 1 else a)
        joined = tuple(result)
    return f32(*joined)


def aligned(e: Emission) -> list[str]:
    """The operands with axes put after the batch axes, so that samples broadcast; numbers stay."""
    rank = max(len(type_.axes) for type_ in e.types)
    return [
        text if literal else unsqueeze(text, type_, rank)
        for text, type_, literal in zip(e.operands, e.types, e.literals, strict=True)
    ]


def unary(
    name: str,
    doc: str,
    text: str,
    *attributes: Attribute,
    cost: int = 1,
    stable: bool = True,
    idempotent: bool = False,
) -> Op:
    """An op of one operand, which its text calls `{x}`, and attributes, which it calls `{more}`: those that
    are not at their defaults, torch's own.
    """

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return cost * result.size

    def emit(e: Emission) -> str:
        given = [(e.attributes[attribute.name], attribute.default) for attribute in attributes]
        more = "".join(f", {value!r}" for value, default in given if value != default)
        return text.format(x=e.operands[0], more=more)

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=attributes,
        infer=same_floats(name),
        flops=flops,
        emit=emit,
        stable=stable,
        idempotent=idempotent,
    )
