"""One evaluation of one op, as its reference semantics sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rl2graph.ir.graph import Node


@dataclass(slots=True)
class Evaluation:
    """What an op is given.

    Attributes:
        operands, weights: values, each operand `[batch axes…, sample axes…]`.
        batch: the batch's shape.
        dtype: what floats are computed in.
        state: for a recurrent op, as it is before this step.
        noise: for a random op; None for its deterministic form.
        advance: whether statistics move.
        after: what the op puts there: its next state, or its buffers as they are afterwards.
    """

    node: Node
    operands: tuple[Tensor, ...]
    weights: Mapping[str, Tensor]
    batch: torch.Size
    dtype: torch.dtype
    state: Mapping[str, Tensor] = field(default_factory=dict)
    noise: Mapping[str, Tensor] | None = None
    advance: bool = False
    after: dict[str, Tensor] = field(default_factory=dict)

    @property
    def x(self) -> Tensor:
        """The first operand."""
        return self.operands[0]

    @property
    def axes(self) -> tuple[int, ...]:
        """The batch axes."""
        return tuple(range(len(self.batch)))

    def number(self, name: str) -> float:
        value = self.node.values[name]
        assert isinstance(value, int | float)
        return value

    def integer(self, name: str) -> int:
        value = self.node.values[name]
        assert isinstance(value, int)
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        value = self.node.values[name]
        assert isinstance(value, tuple)
        return tuple(int(item) for item in value)  # type: ignore[arg-type]

    def axis(self, name: str = "axis") -> int:
        """An axis of the sample, as an axis of the tensor."""
        axis = self.integer(name)
        return axis if axis < 0 else len(self.batch) + axis

    def rank(self, x: Tensor) -> int:
        """How many axes a sample of `x` has."""
        return x.dim() - len(self.batch)

    def aligned(self) -> tuple[Tensor, ...]:
        """The operands with axes of one after the batch axes, so that samples broadcast; numbers stay."""
        rank = max(self.rank(x) for x in self.operands)
        return tuple(
            x.reshape(*self.batch, *(1,) * (rank - self.rank(x)), *x.shape[len(self.batch) :])
            if x.dim()
            else x
            for x in self.operands
        )


Semantics = Callable[[Evaluation], Tensor]
"""The value of an evaluation, in the plainest torch there is."""


def unary(function: Callable[[Tensor], Tensor]) -> Semantics:
    """What an op without attributes does to its one operand."""
    return lambda e: function(e.x)
