"""Ops as a spec calls them."""

from __future__ import annotations

from typing import Any

from rl2graph.ir.dims import Dim
from rl2graph.ir.op import Op, Required, Value


def signature(op: Op) -> str:
    """`dense(x, out, bias=true)`; an argument in brackets may be left out."""
    arguments = [f"{name}…" if op.variadic else name for name in op.operands]
    for attribute in op.attributes:
        if attribute.action is not None or attribute.default is None:
            arguments.append(f"[{attribute.name}]")
        elif isinstance(attribute.default, Required):
            arguments.append(attribute.name)
        else:
            arguments.append(f"{attribute.name}={shown_value(attribute.default)}")
    arguments += [f"[{name}]" for name in op.optional]
    return f"{op.name}({', '.join(arguments)})"


def shown_value(value: Value | list[Any] | Dim) -> str:
    """An attribute's value as a spec would have it."""
    if isinstance(value, bool | None):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown_value, value))}]"
    return f"{value:g}" if isinstance(value, float) and value and not 1e-3 <= abs(value) < 1e6 else str(value)
