"""Running in float64, and comparing by bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def float64() -> Iterator[None]:
    """Makes float64 the default dtype, which images and one-hot vectors take."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def same_values(one: Tensor, two: Tensor) -> bool:
    """Whether shape, dtype and all values are equal, signs of zeros included; a NaN is a NaN."""
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    if not one.is_floating_point():
        return torch.equal(one, two)
    nan = one.isnan()
    same = (one == two) & (one.signbit() == two.signbit())
    return bool((same | (nan & two.isnan())).all())
