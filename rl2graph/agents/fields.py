"""Config dataclasses whose fields carry their own ranges, checked on construction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, field, fields
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from rl2graph.diagnostics import Diagnostic, DiagnosticError

_INFINITY = float("inf")


def number(
    default: Any,
    *,
    low: float = -_INFINITY,
    high: float = _INFINITY,
    above: float | None = None,
    most: float = _INFINITY,
    doc: str = "",
) -> Any:
    """A field for a number in `[low, high]`, or strictly above `above`.

    `most` is no range of the setting's own, but what no sensible run passes and a slip of the hand does.
    """
    metadata = {"low": low, "high": high, "above": above, "most": most, "doc": doc}
    return field(default=default, metadata=metadata)


def choice(default: str, options: tuple[str, ...], *, doc: str = "") -> Any:
    """A field for one of `options`."""
    return field(default=default, metadata={"options": options, "doc": doc})


def plain(default: Any, *, doc: str = "") -> Any:
    """A field whose type says all."""
    return field(default=default, metadata={"doc": doc})


def validate(config: Any, table: str) -> None:
    """Checks every field of the frozen dataclass `config` against its annotation and range.

    Whole numbers given for a float become floats, and NumPy's numbers Python's; nothing else is converted.

    Raises:
        DiagnosticError: RLG607 with one diagnostic for each field that is wrong, named `table.field`.
    """
    found: list[Diagnostic] = []
    hints = get_type_hints(type(config))
    for item in fields(config):
        try:
            value = checked(getattr(config, item.name), hints[item.name], item, f"{table}.{item.name}")
        except DiagnosticError as error:
            found += error.diagnostics
        else:
            object.__setattr__(config, item.name, value)
    if found:
        raise DiagnosticError(found)


def checked(value: Any, annotation: Any, item: Field[Any], name: str) -> Any:
    """`value` as the field wants it, or RLG607."""
    if isinstance(value, np.generic):
        value = value.item()
    kinds = get_args(annotation) if get_origin(annotation) is not None else (annotation,)
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is float and type(value) in (int, float):
            try:
                value = float(value)
            except OverflowError:
                value = _INFINITY
            _check_range(value, item.metadata, name)
            return value
        if type(value) is kind:
            if kind is int:
                _check_range(value, item.metadata, name)
            options = item.metadata.get("options")
            if options and value not in options:
                raise _bad(name, value, f"one of {', '.join(options)}")
            return value
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    wanted = " or ".join(words.get(kind, "nothing") for kind in kinds if kind is not type(None))
    raise _bad(name, value, wanted)


def _check_range(value: float, metadata: Mapping[str, Any], name: str) -> None:
    low, high = metadata.get("low", -_INFINITY), metadata.get("high", _INFINITY)
    above = metadata.get("above")
    inside = low <= value <= high and not (above is not None and value <= above)
    if math.isnan(value) or not inside:
        if above is not None:
            wanted = f"above {above:g}" + (f" and at most {high:g}" if high != _INFINITY else "")
        elif high == _INFINITY:
            wanted = f"at least {low:g}"
        else:
            wanted = f"from {low:g} to {high:g}"
        raise _bad(name, value, wanted)
    most = metadata.get("most", _INFINITY)
    if value > most:
        raise _bad(name, value, f"at most {most:,.12g}")


def _bad(name: str, value: Any, wanted: str) -> DiagnosticError:
    return DiagnosticError.of("RLG607", f"`{name}` cannot be {value!r}: it is {wanted}")
