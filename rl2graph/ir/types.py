"""Types of the values that flow through a graph."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

from rl2graph.ir.dims import Dim

DType = Literal["f32", "u8", "i64"]


@dataclass(frozen=True, slots=True)
class TensorType:
    """Element type and per-sample shape; the batch and time axes are implicit and lead.

    `shape` is None where the spaces that it hangs on are not known, and a dim of it is symbolic where only
    its name is: such a graph can be shown and drawn but not run.
    """

    dtype: DType
    shape: tuple[Dim, ...] | None

    @property
    def known(self) -> bool:
        """Whether every dim is a number."""
        return self.shape is not None and all(type(dim) is int for dim in self.shape)

    @property
    def ranked(self) -> bool:
        """Whether the number of axes is known."""
        return self.shape is not None

    @property
    def axes(self) -> tuple[Dim, ...]:
        """The shape, where the caller knows that the type is ranked."""
        assert self.shape is not None
        return self.shape

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape as numbers, where the caller knows that the type is known."""
        return self.axes  # type: ignore[return-value]

    @property
    def size(self) -> int:
        """Elements per sample, where the type is known."""
        return prod(self.dims)

    @property
    def count(self) -> Dim:
        """Elements per sample, where the type is ranked."""
        return prod(self.axes)

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.dtype}[?]"
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


UNKNOWN = TensorType("f32", None)


def f32(*shape: Dim) -> TensorType:
    """The float type of that per-sample shape."""
    return TensorType("f32", shape)
