"""What the entries share: attributes, checks and shape rules."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from random import Random

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Init, TypeProblem, Types
from rl2graph.ir.types import TensorType

HIDDEN_GAIN = sqrt(2)  # of a layer before a rectifier (Andrychowicz et al. 2021, section 3.2)
ZEROS = Init("constant", 0.0)

OUT = Attribute("out", int, minimum=1)
BIAS = Attribute("bias", bool, True)

FLATTEN = "flatten(x) makes a vector of anything"
"""The hint of ops that take vectors."""


def integer(attributes: Attributes, name: str) -> int:
    value = attributes[name]
    assert isinstance(value, int)
    return value


def number(attributes: Attributes, name: str) -> float:
    value = attributes[name]
    assert isinstance(value, float)
    return value


def integers(attributes: Attributes, name: str) -> tuple[int, ...]:
    """The attribute that is a list of whole numbers."""
    value = attributes[name]
    assert isinstance(value, tuple)
    return value  # type: ignore[return-value]


def biased(random: Random) -> bool:
    """A draw for `BIAS`: mostly with one."""
    return random.random() < 0.8


def free(types: Types, attributes: Attributes, result: TensorType) -> int:
    """The operations of an op that computes nothing."""
    return 0


def same_type(types: Types, attributes: Attributes) -> TensorType:
    """The result of an op that works element by element."""
    return types[0]


def where_unchanged(types: Types, attributes: Attributes, result: TensorType) -> bool:
    """Whether the result has the type of the one operand: then the op only passes it on."""
    return len(types) == 1 and types[0] == result


def always(types: Types, attributes: Attributes, result: TensorType) -> bool:
    return True


def same_floats(op: str) -> Callable[[Types, Attributes], TensorType]:
    """The shape rule of an op that works on floats element by element."""

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_float(op, types)
        return types[0]

    return infer


def same_axes(one: TensorType, other: TensorType) -> bool:
    return len(one.axes) == len(other.axes) and all(map(equal, one.axes, other.axes))


def need_float(op: str, types: Types, operand: str = "x") -> None:
    for index, type_ in enumerate(types):
        if type_.dtype != "f32":
            hint = 'cast(x, "f32") makes floats of integers, one_hot(x, n) a vector of an index'
            argument = operand if index == 0 else index
            raise TypeProblem("RLG305", f"`{op}` takes floats, not {type_}", argument, hint)


def need_rank(
    op: str, type_: TensorType, ranks: tuple[int, ...], needs: str, operand: str | int = "x"
) -> None:
    """Raises RLG302 where the operand's shape has another number of axes."""
    if len(type_.axes) not in ranks:
        message = f"`{op}` needs {needs}, but its operand is {describe(type_)}"
        raise TypeProblem("RLG302", message, operand, FLATTEN if ranks in ((1,), (1, 2)) else None)


def describe(type_: TensorType) -> str:
    """`the vector f32[4]`."""
    rank = len(type_.axes)
    word = {0: "the scalar", 1: "the vector", 2: "the matrix", 3: "the image"}.get(rank, "the tensor")
    return f"{word} {type_}"
