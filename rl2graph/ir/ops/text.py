"""Pieces of emitted text that the entries share."""

from __future__ import annotations

from collections.abc import Iterable

from rl2graph.ir.op import Emission
from rl2graph.ir.types import TensorType

OVER_BATCH = '''
def _over_batch(function, x, rank, *arguments, **options):
    """`function`, which takes one batch axis, over all axes of `x` before the last `rank`."""
    if x.dim() == rank + 1:
        return function(x, *arguments, **options)
    result = function(x.reshape(-1, *x.shape[x.dim() - rank :]), *arguments, **options)
    return result.reshape(*x.shape[: x.dim() - rank], *result.shape[1:])
'''
"""The helper of ops for which torch has a function with exactly one batch axis."""


def call(function: str, *arguments: object) -> str:
    """`function(a, b)`."""
    return f"{function}({', '.join(map(str, arguments))})"


def options(e: Emission, **defaults: float | None) -> list[str]:
    """`name=value` of the attributes that are given and have not these values, torch's own."""
    given = {name: repr(e.attributes[name]) for name in defaults}  # as text, for -0.0 equals 0.0
    return [f"{name}={given[name]}" for name in defaults if given[name] not in ("None", repr(defaults[name]))]


def tuple_of(items: Iterable[object]) -> str:
    """`(a, b)`, or `(a,)` where there is one."""
    texts = [str(item) for item in items]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def unsqueeze(text: str, type_: TensorType, rank: int) -> str:
    """`text` with axes added after the batch axes, so that it broadcasts against a tensor of that rank."""
    own = len(type_.axes)
    return text + f".unsqueeze(-{own + 1})" * (rank - own)
