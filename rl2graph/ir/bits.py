"""Values as keys that compare type and bits, where `==` finds `1`, `1.0` and `True` equal, and no NaN."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

_packed = struct.Struct("<d").pack


def value_bits(value: object) -> tuple[Any, ...]:
    """A key of one value, of a list or tuple by its items: `-0.0` is not `0.0`, a NaN is itself."""
    return attribute_bits((("", value),))


def attribute_bits(attributes: Iterable[tuple[object, object]]) -> tuple[Any, ...]:
    """A key of attributes, in their order; hashable where the values are."""
    key: list[object] = []
    for name, value in attributes:
        kind = type(value)
        if kind is float:
            key += name, kind, _packed(value)
        elif kind is list or kind is tuple:
            key += name, kind, attribute_bits(enumerate(value))  # type: ignore[arg-type]
        else:
            key += name, kind, value
    return tuple(key)
