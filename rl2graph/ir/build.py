"""Attributes as the op table wants them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from rl2graph.diagnostics import nearest
from rl2graph.ir.op import Attribute, AttributeItems, Op, Required, TypeProblem, Value
from rl2graph.ir.signatures import shown_value

MAX_SIZE = 2**31 - 1  # of an attribute: no axis of a network is longer

LIST = tuple[int, ...]
"""The kind of an attribute that is a list of whole numbers."""

KINDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a string",
    LIST: "a list of whole numbers",
}
"""Kinds of attributes, as messages call them."""


def coerce_attributes(op: Op, given: Mapping[str, Any]) -> AttributeItems:
    """Every attribute of `op` in signature order, defaults filled in, coerced to the signature's types.

    Raises:
        TypeProblem: an attribute that is unknown, missing, of another kind or too small.
    """
    known = {attribute.name for attribute in op.attributes}
    for name in given:
        if name not in known:
            raise TypeProblem("RLG203", f"`{op.name}` has no argument `{name}`", name)
    return tuple((attribute.name, coerce_attribute(op, attribute, given)) for attribute in op.attributes)


def coerce_attribute(op: Op, attribute: Attribute, given: Mapping[str, Any]) -> Value:
    """The value of one attribute.

    Raises:
        TypeProblem: as `coerce_attributes`.
    """
    if attribute.name not in given:
        if isinstance(attribute.default, Required):
            raise TypeProblem("RLG204", f"`{op.name}` needs `{attribute.name}`", attribute.name)
        return attribute.default
    value = given[attribute.name]
    if value is None and attribute.default is None:
        return None
    kind = attribute.kind
    if kind == LIST:
        return _whole_numbers(op, attribute, value)
    if kind is float and type(value) is int:
        value = float(value)
    if kind in KINDS and type(value) is not kind:
        message = f"`{attribute.name}` of `{op.name}` is {KINDS[kind]}, not {_shown(value)}"
        raise TypeProblem("RLG303", message, attribute.name)
    if attribute.choices and value not in attribute.choices:
        shown = ", ".join(f'"{choice}"' for choice in attribute.choices)
        message = f"`{attribute.name}` of `{op.name}` is one of {shown}, not {_shown(value)}"
        near = nearest(value, attribute.choices)
        raise TypeProblem("RLG304", message, attribute.name, f'did you mean "{near}"?' if near else None)
    _check_size(op, attribute, value)
    return value  # type: ignore[no-any-return]


def _whole_numbers(op: Op, attribute: Attribute, value: Any) -> tuple[int, ...]:
    """A list of whole numbers; one number is a list of one."""
    items = tuple(value) if isinstance(value, list | tuple) else (value,)
    for item in items:
        if type(item) is not int:
            message = f"`{attribute.name}` of `{op.name}` is {KINDS[LIST]}, not {_shown(value)}"
            raise TypeProblem("RLG303", message, attribute.name)
        _check_size(op, attribute, item)
    return items


def _check_size(op: Op, attribute: Attribute, value: Any) -> None:
    if isinstance(value, float) and not isfinite(value) and op.name != "constant":
        raise TypeProblem("RLG304", f"`{attribute.name}` of `{op.name}` is {value}", attribute.name)
    if type(value) is int and abs(value) > MAX_SIZE:
        message = f"`{attribute.name}` of `{op.name}` is at most {MAX_SIZE:,}, not {value:,}"
        raise TypeProblem("RLG304", message, attribute.name)
    if attribute.minimum is not None and not value >= attribute.minimum:
        message = f"`{attribute.name}` of `{op.name}` is at least {attribute.minimum:g}, not {value}"
        raise TypeProblem("RLG304", message, attribute.name)
    if attribute.maximum is not None and not value <= attribute.maximum:
        message = f"`{attribute.name}` of `{op.name}` is at most {attribute.maximum:g}, not {value}"
        raise TypeProblem("RLG304", message, attribute.name)


def _shown(value: Any) -> str:
    known = isinstance(value, int | float | str | list | tuple)
    return shown_value(value) if known else f"a {type(value).__name__}"
