"""What an entry of the op table says about its op."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from random import Random
from typing import Any, Literal

from rl2graph.ir.dims import Dim
from rl2graph.ir.types import TensorType

Value = int | float | bool | str | tuple[Dim, ...] | tuple[str, ...] | None
"""What an attribute can hold."""

Attributes = Mapping[str, Value]
AttributeItems = tuple[tuple[str, Value], ...]
"""Attributes as nodes hold them: in the order of the signature, coerced to its types."""

Types = Sequence[TensorType]


class Effect(enum.Enum):
    """What an evaluation does beside giving its value. Only pure evaluations are ever merged.

    RANDOM draws noise. The others move statistics: TRAINING each time that weights are trained on a batch (as
    batch normalisation does), COLLECTING once per environment step that is collected.
    """

    PURE = "pure"
    RANDOM = "random"
    TRAINING = "training statistics"
    COLLECTING = "collecting statistics"


STATISTICS = (Effect.TRAINING, Effect.COLLECTING)


class Required(enum.Enum):
    """Stands for the default of an attribute that has none."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED


@dataclass(frozen=True, slots=True)
class Attribute:
    """A compile-time argument: its name, type, default, bounds and choices.

    `kind` is int, float, bool, str or `tuple[int, ...]`, a list of whole numbers, for which one number may
    stand (the compiler's own ops have tuples of other things too). `action` says what of the action space
    stands in where none is given: the number of its `choices` or of its `dims`. An `initial` one says how
    weights start and nothing else.
    """

    name: str
    kind: Any
    default: Value | Required = REQUIRED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    action: Literal["choices", "dims"] | None = None
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Init:
    """How a weight starts: a rule of `rl2graph.ir.inits` and its one number."""

    rule: str
    value: float = 0.0

    def __str__(self) -> str:
        return f"{self.rule}({self.value:.6g})"


@dataclass(frozen=True, slots=True)
class Weight:
    """A tensor that an op owns, in torch's layout.

    A `buffer` holds statistics, which no gradient trains; it is a part of the state_dict, not of
    `parameters()`.
    """

    name: str
    shape: tuple[Dim, ...]
    init: Init
    buffer: bool = False

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape as numbers, where the operands' types are known."""
        return self.shape  # type: ignore[return-value]

    @property
    def size(self) -> int:
        """Elements, where the shape is known."""
        return prod(self.dims)


@dataclass(frozen=True, slots=True)
class State:
    """A tensor that a recurrent op is given and gives back: its name and per-sample shape; zero at first."""

    name: str
    shape: tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """A tensor of random numbers that an evaluation is given: standard normal, or uniform in [0, 1).

    `shape` is per sample; `shared` noise is drawn once for the whole batch. An evaluation without noise is
    the deterministic form of its op.
    """

    name: str
    shape: tuple[Dim, ...]
    distribution: Literal["normal", "uniform"]
    shared: bool = False


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
    the dtype that the graph computes in, `batch` of the batch shape, a tuple.

    An op with state is given expressions for it in `state` and for the resets (`bool`, of the batch's shape,
    or None) in `resets`, and its text gives a tuple: the value, then its next state. Where statistics
    `advance`, `weights` has expressions for the buffers as they are so far, and the text gives a tuple: the
    value, then the buffers as they are afterwards. `noise` has expressions, which may be None at run time.
    """

    operands: tuple[str, ...]
    literals: tuple[bool, ...]
    dtype: str
    weights: Mapping[str, str]
    types: tuple[TensorType, ...]
    result: TensorType
    attributes: Attributes
    batch: str = "()"
    state: Mapping[str, str] = field(default_factory=dict)
    resets: str = "None"
    noise: Mapping[str, str] = field(default_factory=dict)
    advance: bool = False


def no_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return ()


def no_state(types: Types, attributes: Attributes) -> tuple[State, ...]:
    return ()


def no_noise(types: Types, attributes: Attributes) -> tuple[Noise, ...]:
    return ()


def never(types: Types, attributes: Attributes, result: TensorType) -> bool:
    return False


def as_given(types: Types, attributes: Attributes, result: TensorType) -> Attributes:
    return attributes


def _one_per_element(types: Types, attributes: Attributes, result: TensorType) -> int:
    return result.size


def no_attributes(random: Random, types: Types) -> Attributes | None:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One entry of the op table.

    Attributes:
        name, doc: what specs call it, and one sentence about what it gives.
        operands: names of the tensor operands; a variadic op has one name for all of them.
        optional: names of operands that may be left out, given by keyword. The first operand stands for one
            that is left out before one that is given.
        attributes: its compile-time arguments, in the order of a call.
        variadic: whether it takes any number of operands, under the one name in `operands`.
        infer: result type from operand types and attributes; raises TypeProblem.
        weights: what one application owns, from the same.
        state: what a recurrent op carries from step to step, from the same.
        noise: what a random op is given, from the same.
        flops: floating-point operations per sample, a multiply-add counting two.
        emit: the torch expression, as text.
        helpers: the texts of functions that the expression calls.
        sample: attributes that fit operands of these types, or None where none do; random programs draw
            from it.
        draw: operand types to try the op with; None for any floats.
        effect: what an evaluation does beside giving its value.
        constants: whether numbers may stand beside its tensors.
        passes_on: whether an application gives its first operand itself, bit for bit, and its gradient. An op
            with an effect is asked for its deterministic form.
        neutral: for a place among the operands, the number that makes an application give its other operand
            itself, bit for bit: `x * 1.0`, and `x + -0.0`, for `-0.0 + 0.0` is `0.0`.
        idempotent: whether an application to its own result, with the same attributes, changes nothing.
        commutative: whether operands in another order mean the same, if not bit for bit; remarks alone ask.
        encodes_input: whether it makes of an input, as it is given, what the graph reads.
        canonical: the same attributes in the one spelling that stands for all that mean the same for
            operands of these types (axis 1 of a matrix is its axis -1).
        stable: whether operands that differ little give results that differ little, wherever they are;
            random programs leave other ops out, for no tolerance means anything there.
        written: whether a spec may name the op; the compiler alone makes the others.
    """

    name: str
    doc: str
    operands: tuple[str, ...]
    infer: Callable[[Types, Attributes], TensorType]
    emit: Callable[[Emission], str]
    attributes: tuple[Attribute, ...] = ()
    optional: tuple[str, ...] = ()
    variadic: bool = False
    weights: Callable[[Types, Attributes], tuple[Weight, ...]] = no_weights
    state: Callable[[Types, Attributes], tuple[State, ...]] = no_state
    noise: Callable[[Types, Attributes], tuple[Noise, ...]] = no_noise
    flops: Callable[[Types, Attributes, TensorType], int] = _one_per_element
    helpers: tuple[str, ...] = ()
    sample: Callable[[Random, Types], Attributes | None] = no_attributes
    draw: Callable[[Random], Types] | None = None
    effect: Effect = Effect.PURE
    constants: bool = False
    passes_on: Callable[[Types, Attributes, TensorType], bool] = never
    neutral: Mapping[int, float] = field(default_factory=dict)
    idempotent: bool = False
    commutative: bool = False
    encodes_input: bool = False
    canonical: Callable[[Types, Attributes, TensorType], Attributes] = as_given
    stable: bool = True
    written: bool = True

    @property
    def has_weights(self) -> bool:
        return self.weights is not no_weights

    @property
    def has_state(self) -> bool:
        return self.state is not no_state

    @property
    def has_noise(self) -> bool:
        return self.noise is not no_noise

    @property
    def is_plain(self) -> bool:
        """Whether an application is a function of its operands alone: no weights, state, noise or effect."""
        return not (self.has_weights or self.slotted) and self.effect is Effect.PURE

    @property
    def slotted(self) -> bool:
        """Whether an evaluation needs a name, under which its state or its noise is given."""
        return self.has_state or self.has_noise

    @property
    def arities(self) -> range:
        """How many operands an application has, where the op is not variadic."""
        return range(len(self.operands), len(self.operands) + len(self.optional) + 1)
