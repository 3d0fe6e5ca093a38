"""Attributes and types as texts that are equal where they are: by type and bits, symbols by their number."""

from __future__ import annotations

import json
import struct
from math import isnan
from typing import Any

from rl2graph.ir.dims import Dim, Symbolic, substitute, symbol, symbols
from rl2graph.ir.signatures import shown_value
from rl2graph.ir.types import TensorType


class Writer:
    """Writes the values of one graph; numbers the symbols of its dims in the order in which it meets them.

    Symbols of one dim that are new together are numbered in the order of their names.
    """

    def __init__(self) -> None:
        self._symbols: dict[str, Dim] = {}
        self._types: dict[TensorType, str] = {}

    def value(self, value: Any) -> str:
        """An attribute's value."""
        match value:
            case None:
                return "none"
            case bool():
                return "true" if value else "false"
            case float():
                return number(value)
            case str():
                return json.dumps(value)
            case list() | tuple():
                return f"[{', '.join([self.value(item) for item in value])}]"
            case Symbolic():
                return self._dim(value)
        return str(value)

    def type(self, type_: TensorType) -> str:
        """A type."""
        text = self._types.get(type_)
        if text is None:
            shape = "?" if type_.shape is None else ", ".join([self._dim(dim) for dim in type_.shape])
            text = self._types[type_] = f"{type_.dtype}[{shape}]"
        return text

    def _dim(self, dim: Dim) -> str:
        if isinstance(dim, int):
            return str(dim)
        for name in sorted(symbols((dim,))):
            if name not in self._symbols:
                self._symbols[name] = symbol(f"${len(self._symbols)}")
        return str(substitute(dim, self._symbols))


def told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Two values as a spec would have them, or with as much as it takes to see that they differ."""
    for shown in (shown_value, repr, Writer().value):
        texts = shown(one), shown(other)
        if texts[0] != texts[1]:
            break
    return texts


def number(value: float) -> str:
    """A float with all its bits."""
    return f"nan:{struct.pack('>d', value).hex()}" if isnan(value) else value.hex()
