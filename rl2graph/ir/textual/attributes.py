"""Attributes of nodes as text, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rl2graph.ir.build import KINDS, LIST, coerce_attribute
from rl2graph.ir.dims import Dim, Symbolic
from rl2graph.ir.op import Attribute, AttributeItems, Op, TypeProblem, Value
from rl2graph.ir.textual.numbers import number_text, read_number
from rl2graph.ir.textual.shapes import dim_text, read_shape
from rl2graph.ir.textual.tokens import Line, UnreadableError, bare_or_quoted, quoted

_SHAPE = tuple[Dim, ...]
_STRINGS = tuple[str, ...]
_ITEMS: Mapping[Any, Any] = {_SHAPE: Dim, _STRINGS: str, LIST: int}
_KINDS = {**KINDS, _SHAPE: "a list of dims", _STRINGS: "a list of strings", float: "a number with a point"}
_WORDS = {"none": None, "true": True, "false": False}


def attributes_text(attributes: AttributeItems) -> str:
    """`{out = 64, bias = true}`."""
    items = [f"{bare_or_quoted(name)} = {value_text(value)}" for name, value in attributes]
    return f"{{{', '.join(items)}}}"


def value_text(value: Value | Dim) -> str:
    """A value such that its kind can be told from the text."""
    match value:
        case None | bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case int() | float():
            return number_text(value)
        case Symbolic():
            return dim_text(value)
    return f"[{', '.join(map(value_text, value))}]"


def read_attributes(line: Line, op: Op, known: Mapping[str, Attribute]) -> AttributeItems:
    """The inverse of `attributes_text` for an op whose attributes by name are `known`.

    Those that are left out have their defaults. A value is of the attribute's own kind: nothing is coerced.
    """
    given: dict[str, Value] = {}
    start = line.at
    places: dict[str, int] = {}
    if line.take("{"):
        for _ in line.items("}"):
            at = line.at
            name = line.name("an attribute")
            if name not in known:
                raise UnreadableError(at, f"`{op.name}` has no attribute `{name}`", known=known)
            if name in given:
                raise UnreadableError(at, f"`{name}` is given twice")
            line.expect("=")
            places[name] = line.at
            given[name] = _read_value(line, op, known[name])
    items = []
    for attribute in op.attributes:
        try:
            items.append((attribute.name, coerce_attribute(op, attribute, given)))
        except TypeProblem as problem:
            at = places.get(attribute.name, start)
            raise UnreadableError(at, problem.message, problem.hint) from None
    return tuple(items)


def _read_value(line: Line, op: Op, attribute: Attribute) -> Value:
    at, kind = line.at, attribute.kind
    value: Any
    if line.next != "[":
        value = _scalar(line)
    elif kind == _SHAPE:
        value = read_shape(line)
    else:
        line.at += 1
        value = tuple([_scalar(line) for _ in line.items("]")])
    if value is None and attribute.default is None:
        return None
    if kind in _KINDS and not _fits(value, kind):
        message = f"`{attribute.name}` of `{op.name}` is {_KINDS[kind]}, not {value_text(value)}"
        hint = f"write `{float(value)}`" if kind is float and type(value) is int else None
        raise UnreadableError(at, message, hint)
    return value  # type: ignore[no-any-return]


def _fits(value: Any, kind: Any) -> bool:
    if kind in _ITEMS:
        return type(value) is tuple and all(isinstance(item, _ITEMS[kind]) for item in value)
    return type(value) is kind


def _scalar(line: Line) -> int | float | bool | str | None:
    token = line.next
    if token in _WORDS:
        line.at += 1
        return _WORDS[token]
    if token[:1] == '"':
        return line.string()
    if token[:1].isdecimal() or token in ("-", "inf", "nan"):
        return read_number(line)
    raise line.unexpected("a value")
