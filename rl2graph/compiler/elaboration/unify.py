"""What is assumed of symbolic dims, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from rl2graph.diagnostics import Label, Span
from rl2graph.ir.dims import Dim, Symbolic, Undecided, equal, solve, substitute, symbols
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.types import TensorType

T = TypeVar("T")

MAX_RANK = 8


class Unifier:
    """Symbols that turned out to be something, each with the place that made it so."""

    def __init__(self) -> None:
        self.known: dict[str, Dim] = {}
        self._where: dict[str, Span] = {}

    def assume(self, name: str, dim: Dim, span: Span) -> None:
        """Take `name` to be `dim` from here on."""
        self.known = {other: substitute(value, {name: dim}) for other, value in self.known.items()}
        self.known[name] = dim
        self._where.setdefault(name, span)

    def resolved(self, type_: TensorType) -> TensorType:
        """A type with what is known put in."""
        if not self.known or type_.known or type_.shape is None:
            return type_
        return TensorType(type_.dtype, tuple(substitute(dim, self.known) for dim in type_.shape))

    def inferred(
        self, types: Sequence[TensorType], rule: Callable[[Sequence[TensorType]], T], span: Span
    ) -> T:
        """The rule's result for some types; where it hangs on two dims being equal, they are taken to be."""
        rounds = 0
        while True:
            try:
                return rule(types)
            except Undecided as question:
                solved = solve(question.left, question.right)
                if solved is None:
                    old, new = question.right, question.left
                    if isinstance(old, int):
                        old, new = new, old
                    types = [_replaced(type_, old, new) for type_ in types]
                    rounds += 1
                    if rounds > len(types) * MAX_RANK:
                        message = f"nothing tells whether {question.left} and {question.right} are equal"
                        raise TypeProblem("RLG301", message, 0) from None
                else:
                    self.assume(*solved, span)
                    types = [self.resolved(type_) for type_ in types]

    def same(self, left: Sequence[Dim], right: Sequence[Dim], span: Span) -> bool:
        """Whether two shapes are one; dims that hang on symbols are taken to be equal."""
        if len(left) != len(right):
            return False
        for one, other in zip(left, right, strict=True):
            try:
                if not equal(substitute(one, self.known), substitute(other, self.known)):
                    return False
            except Undecided as question:
                solved = solve(question.left, question.right)
                if solved is not None:
                    self.assume(*solved, span)
        return True

    def labels(self, types: Sequence[TensorType]) -> tuple[Label, ...]:
        """Why symbols in these types, as they were written, are what they are."""
        return self.reasons(dim for type_ in types if type_.shape for dim in type_.shape)

    def reasons(self, dims: Iterable[Dim]) -> tuple[Label, ...]:
        """Why symbols in these dims, as they were written, are what they are."""
        names = sorted(symbols(dims))
        return tuple(
            Label(self._where[name], f"`{name}` is {self.known[name]} because of this")
            for name in names
            if name in self.known
        )


def _replaced(type_: TensorType, old: Dim, new: Dim) -> TensorType:
    if type_.shape is None or not isinstance(old, Symbolic):
        return type_
    return replace(type_, shape=tuple(new if dim == old else dim for dim in type_.shape))
