"""Types of the values that flow through a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DType = Literal["f32", "u8", "i64"]


@dataclass(frozen=True, slots=True)
class TensorType:
    """Element type and per-sample shape; the batch and time axes are implicit and lead.

    `shape` is None where the spaces that it hangs on are not known: every rule passes that on, and such a
    graph can be shown and drawn but not run.
    """

    dtype: DType
    shape: tuple[int, ...] | None

    @property
    def known(self) -> bool:
        return self.shape is not None

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape, where the caller knows that it is known."""
        assert self.shape is not None
        return self.shape

    @property
    def size(self) -> int:
        """Elements per sample."""
        product = 1
        for dim in self.dims:
            product *= dim
        return product

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.dtype}[?]"
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


UNKNOWN = TensorType("f32", None)


def f32(*shape: int) -> TensorType:
    """The float type of that per-sample shape."""
    return TensorType("f32", shape)
