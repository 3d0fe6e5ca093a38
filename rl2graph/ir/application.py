"""What an op makes of its operands: attributes in the signature's form, the value's type, the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import AttributeItems, Op, Weight
from rl2graph.ir.types import UNKNOWN, TensorType


class Application(NamedTuple):
    """What follows from an op, its attributes and the types of its operands.

    `numbers` counts the elements of the weights, 0 where some shape is not known.
    """

    attributes: AttributeItems
    type: TensorType
    weights: tuple[Weight, ...]
    numbers: int


class Applications:
    """Applications of ops, each worked out once: a large graph repeats few of them.

    One is made for each graph, so that it holds at most as many as the graph has nodes, and ends with it.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Application] = {}

    def of(self, op: Op, types: Sequence[TensorType], given: Mapping[str, Any]) -> Application:
        """What `op` makes of operands of these types, some attributes given.

        Raises:
            TypeProblem: operands or attributes that the op cannot take.
            Undecided: where that hangs on symbolic dims.
        """
        if not types:  # a constant, an input: few are alike
            return _applied(op, types, given)
        key = (op.name, attribute_bits(given.items()), *types) if given else (op.name, *types)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _applied(op, types, given)
        return known


def _applied(op: Op, types: Sequence[TensorType], given: Mapping[str, Any]) -> Application:
    attributes = coerce_attributes(op, given)
    if not all(type_.ranked for type_ in types):
        return Application(attributes, UNKNOWN, (), 0)
    return applied(op, types, attributes, op.infer(types, dict(attributes)))


def applied(
    op: Op, types: Sequence[TensorType], attributes: AttributeItems, result: TensorType
) -> Application:
    """The application of `op` to ranked operands, where the type of its value is known."""
    if not op.has_weights:
        return Application(attributes, result, (), 0)
    weights = op.weights(types, dict(attributes))
    known = all(type(dim) is int for weight in weights for dim in weight.shape)
    return Application(
        attributes, result, weights, sum(w.size for w in weights if not w.buffer) if known else 0
    )
