"""What an entry of the op table says about its op."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from random import Random
from typing import Any

from rl2graph.ir.dims import Dim
from rl2graph.ir.types import TensorType

Value = int | float | bool | str | tuple[Dim, ...] | tuple[str, ...] | None
"""What an attribute can hold."""

Attributes = Mapping[str, Value]
AttributeItems = tuple[tuple[str, Value], ...]
"""Attributes as nodes hold them: in the order of the signature, coerced to its types."""

Types = Sequence[TensorType]


class Effect(enum.Enum):
    """What an evaluation does beside giving its value. Only pure evaluations are ever merged."""

    PURE = "pure"
    RANDOM = "random"


class Required(enum.Enum):
    """Stands for the default of an attribute that has none."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED


@dataclass(frozen=True, slots=True)
class Attribute:
    """A compile-time argument: its name, type, default and least value."""

    name: str
    kind: type[Any]
    default: Value | Required = REQUIRED
    minimum: float | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Init:
    """How a weight starts: a rule of `rl2graph.ir.inits` and its one number."""

    rule: str
    value: float = 0.0

    def __str__(self) -> str:
        return f"{self.rule}({self.value:.6g})"


@dataclass(frozen=True, slots=True)
class Weight:
    """A tensor that an op owns, in torch's layout."""

    name: str
    shape: tuple[Dim, ...]
    init: Init

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape as numbers, where the operands' types are known."""
        return self.shape  # type: ignore[return-value]

    @property
    def size(self) -> int:
        """Elements, where the shape is known."""
        return prod(self.dims)


class TypeProblem(Exception):
    """Operands or attributes that an op cannot take.

    `argument` names the operand or attribute at fault (operands of a variadic op by their position).
    """

    def __init__(self, code: str, message: str, argument: str | int, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.argument = argument
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Emission:
    """What an op's torch text is made from: expressions for its operands and weights, types, attributes.

    `literals` says which operands are numbers, which broadcast by themselves; `dtype` is the expression of
    the dtype that the graph computes in.
    """

    operands: tuple[str, ...]
    literals: tuple[bool, ...]
    dtype: str
    weights: Mapping[str, str]
    types: tuple[TensorType, ...]
    result: TensorType
    attributes: Attributes


def no_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return ()


def _one_per_element(types: Types, attributes: Attributes, result: TensorType) -> int:
    return result.size


def _no_attributes(random: Random, types: Types) -> Attributes | None:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One entry of the op table.

    Attributes:
        operands: names of the tensor operands; a variadic op has one name for all of them.
        infer: result type from operand types and attributes; raises TypeProblem.
        weights: what one application owns, from the same.
        flops: floating-point operations per sample, a multiply-add counting two.
        emit: the torch expression, as text.
        sample: attributes that fit operands of these types, or None where none do; random programs draw
            from it.
        written: whether a spec may name the op; the compiler alone makes the others.
    """

    name: str
    doc: str
    operands: tuple[str, ...]
    infer: Callable[[Types, Attributes], TensorType]
    emit: Callable[[Emission], str]
    attributes: tuple[Attribute, ...] = ()
    variadic: bool = False
    weights: Callable[[Types, Attributes], tuple[Weight, ...]] = no_weights
    flops: Callable[[Types, Attributes, TensorType], int] = _one_per_element
    sample: Callable[[Random, Types], Attributes | None] = _no_attributes
    effect: Effect = Effect.PURE
    written: bool = True
