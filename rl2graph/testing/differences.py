"""Where two tensors differ, in words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far values may be apart: `atol + rtol * largest`, of the largest value of either tensor."""

    rtol: float = 1e-9
    atol: float = 1e-10


def difference(a: Tensor, b: Tensor, tolerance: Tolerance) -> str | None:
    """What to say where two tensors differ by more than the tolerance; None where they do not."""
    if a.shape != b.shape:
        return f"has the shape {list(a.shape)} in A and {list(b.shape)} in B"
    if not a.numel():
        return None
    one, other = a.detach().double().reshape(-1), b.detach().double().reshape(-1)
    apart = (one - other).abs()
    same = (one == other) | (one.isnan() & other.isnan())
    apart = torch.where(same, 0.0, torch.where(apart.isnan(), torch.inf, apart))
    finite = torch.cat([one, other]).abs()
    finite = finite[finite.isfinite()]
    largest = float(finite.max()) if finite.numel() else 0.0
    worst = int(apart.argmax())
    if float(apart[worst]) <= tolerance.atol + tolerance.rtol * largest:
        return None
    place = [int(index) for index in torch.unravel_index(torch.tensor(worst), a.shape)]
    where = f" at {place}" if place else ""
    return (
        f"differs by up to {float(apart[worst]):.3g}{where}:"
        f" {float(one[worst]):.6g} in A, {float(other[worst]):.6g} in B"
    )


def optional_difference(a: Tensor | None, b: Tensor | None, tolerance: Tolerance) -> str | None:
    """As `difference`, for gradients: one that is not there is zero."""
    if a is None and b is None:
        return None
    if a is None or b is None:
        present = b if a is None else a
        assert present is not None
        a, b = (torch.zeros_like(present) if each is None else each for each in (a, b))
    return difference(a, b, tolerance)
