"""Applications of ops as text, with the types that the op table's own rules give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import Effect, Op, Required, TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType

MAX_SIZE = 4000
"""Elements of a value per sample, at most."""

ACTIVATIONS = ("relu", "tanh", "sigmoid", "silu")


@dataclass(frozen=True, slots=True)
class Known:
    """A value that a program can name: the text that names it, and its type."""

    name: str
    type: TensorType


def drawable(unstable: bool) -> list[Op]:
    """The ops that random programs apply; `unstable` ones only where nothing is computed with tolerances."""
    return [op for op in OPS.values() if op.written and op.operands and (op.stable or unstable)]


def has_effect(op: Op) -> bool:
    """Whether an evaluation of `op` does more than give a value, or carries state."""
    return op.effect is not Effect.PURE or op.has_state


def apply(
    op: Op, types: tuple[TensorType, ...], random: Random, parameters: Mapping[int, str]
) -> tuple[list[str], TensorType] | None:
    """Keywords that fit, and the result type; None where the op does not take these operands.

    `parameters` are names that stand for whole numbers, by number: some attributes are written so.
    """
    attributes = op.sample(random, types)
    if attributes is None:
        return None
    try:
        result = op.infer(types, dict(coerce_attributes(op, attributes)))
    except TypeProblem:
        return None
    if result.size > MAX_SIZE:
        return None
    keywords = []
    for attribute in op.attributes:
        if attribute.name in attributes:
            value = attributes[attribute.name]
            if isinstance(attribute.default, Required) or value != attribute.default:
                named = type(value) is int and value in parameters and random.random() < 0.5
                text = parameters[value] if named else written(value)  # type: ignore[index]
                keywords.append(f"{attribute.name}={text}")
    return keywords, result


def written(value: object) -> str:
    """An attribute's value as a spec says it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(slots=True)
class Caller:
    """Draws applications of ops to known values.

    Attributes:
        ops: those that it draws from. `nested`: the chance that an operand is an application itself.
        parameters: as `apply` takes them. `tries`: how many ops are drawn before there is none.
        weighted: the chance that an op with weights is drawn, beside those that are drawn anyway.
    """

    random: Random
    ops: Sequence[Op]
    nested: float
    parameters: Mapping[int, str]
    tries: int
    weighted: float = 0.0
    _with_weights: Sequence[Op] = ()

    def __post_init__(self) -> None:
        self._with_weights = [op for op in self.ops if op.has_weights]

    def call(self, values: Sequence[Known], operand: Known | None = None) -> tuple[str, TensorType] | None:
        """An application of some op, to `operand` first where one is given; None where a few that were drawn
        take no such.
        """
        for _ in range(self.tries):
            found = self._try(values, operand)
            if found is not None:
                return found
        return None

    def _try(self, values: Sequence[Known], operand: Known | None) -> tuple[str, TensorType] | None:
        random = self.random
        favoured = self.weighted and random.random() >= 1 - self.weighted
        op = random.choice(self._with_weights if favoured else self.ops)
        first = operand or self.operand(values)
        operands = [first]
        if op.variadic:
            operands += random.choices(values, k=random.randint(1, 2))
        else:
            operands += [self._another(values, first.type) for _ in op.operands[1:]]
        found = apply(op, tuple(value.type for value in operands), random, self.parameters)
        if found is None:
            return None
        keywords, result = found
        return self.written(op, [value.name for value in operands], keywords), result

    def operand(self, values: Sequence[Known]) -> Known:
        """A known value, or an application to some."""
        value = self.random.choice(values)
        if self.random.random() >= 1 - self.nested:
            found = self.call(values, value)
            if found is not None:
                return Known(*found)
        return value

    def written(self, op: Op, operands: Sequence[str], keywords: Sequence[str]) -> str:
        """The application as a call or as a stage of a pipeline."""
        if self.random.random() >= 0.7 and not op.variadic:
            return f"{operands[0]} |> {op.name}({', '.join([*operands[1:], *keywords])})"
        return f"{op.name}({', '.join([*operands, *keywords])})"

    def _another(self, values: Sequence[Known], like: TensorType) -> Known:
        """A further operand: mostly of the first one's type, since few ops take any two."""
        alike = [value for value in values if value.type == like] if self.nested else []
        return self.random.choice(alike if alike and self.random.random() < 0.6 else values)
