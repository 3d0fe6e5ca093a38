"""Values and gradients that are apart: by more than rounding, or by rounding at a kink."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tests.proof.draws import Draw, key

Results = Mapping[str, Tensor | None]
"""Values or gradients by what they are of; None is a gradient of zero."""

GRADIENT = "the gradient of "
"""What names of gradients start with."""

NUDGE = 1e-13
"""Far above what rounding does to an operand, far below what tolerances let a smooth function move by."""

NUDGES = 16
REACH = 4.0
"""How many times as far as the nudged interpreter moves may results be apart."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A result that is further from what it should be than rounding brings it.

    Attributes:
        name: which result. `said`: what to say of it.
        by: how far each number is apart; 0 where that is within the tolerance.
    """

    name: str
    said: str
    by: Tensor


def flat(result: Mapping[str, Any]) -> dict[str, Tensor]:
    """All tensors of a result, by name."""
    found: dict[str, Tensor] = {}
    for name, value in result.items():
        found |= (
            {f"{name} {k}": v for k, v in flat(value).items()} if isinstance(value, dict) else {name: value}
        )
    return found


def far(ones: Results, others: Results, tolerance: float, said: str) -> Iterator[Apart]:
    """Results that are not those of `others`, but for rounding: of gradients, which are sums, in proportion
    to the largest number of each. `said` is a text with a place for the name.
    """
    if ones.keys() != others.keys():
        alone = sorted(ones.keys() ^ others.keys())
        yield Apart("", said.format(", ".join(alone)), torch.tensor(torch.inf))
        return
    for name, one in ones.items():
        other = others[name]
        like = one if other is None else other
        if like is None or not like.numel():
            continue
        by = _distance(one, other, like)
        size = torch.zeros_like(like) if other is None else other.detach()
        size = torch.nan_to_num(size.double(), posinf=0.0, neginf=0.0).abs()
        scale = size.max().clamp(min=1.0) if name.startswith(GRADIENT) else 1 + size
        by = torch.where(by <= tolerance * scale, 0.0, by)
        if by.any():
            yield Apart(name, said.format(name), by)


def _distance(one: Tensor | None, other: Tensor | None, like: Tensor) -> Tensor:
    one, other = (torch.zeros_like(like) if x is None else x.detach() for x in (one, other))
    if one.shape != other.shape:
        return torch.full(like.shape, torch.inf)
    by = (one.double() - other.double()).abs()
    same = (one == other) | (one.isnan() & other.isnan())
    return torch.where(same, 0.0, torch.where(by.isnan(), torch.inf, by))


def unforgiven(
    apart: Sequence[Apart], drawn: Draw, meant: Callable[[Draw], Results], wanted: Results
) -> list[Apart]:
    """Those that no kink explains: `meant`, which gives `wanted` for a draw, does not move as far when what
    it is given moves by next to nothing.
    """
    if not apart:
        return []
    nudged = [meant(nudge(drawn, number)) for number in range(NUDGES)]
    return [each for each in apart if each.name not in wanted or not _explained(each, nudged, wanted)]


def _explained(apart: Apart, nudged: Sequence[Results], results: Results) -> bool:
    moved = [_distance(each[apart.name], results[apart.name], apart.by) for each in nudged]
    return bool((apart.by <= REACH * torch.stack(moved).amax(0)).all())


def nudge(drawn: Draw, number: int) -> Draw:
    """The draw with all its floats moved by next to nothing."""

    def moved(value: Any, *path: str) -> Any:
        if isinstance(value, dict):
            return {name: moved(part, *path, name) for name, part in value.items()}
        if value is None or not value.is_floating_point():
            return value
        noise = torch.randn(value.shape, generator=key(number, "nudge", *path), dtype=value.dtype)
        return value + NUDGE * noise

    parts = ("inputs", "weights", "target", "state", "noise")
    return replace(drawn, **{part: moved(getattr(drawn, part), part) for part in parts})
