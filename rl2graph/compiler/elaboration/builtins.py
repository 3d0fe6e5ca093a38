"""The functions of the language itself: `head`, `joint`, and what the presets ask about shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log2
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import heads, parts
from rl2graph.compiler.elaboration.advice import no_tensor
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import UNRESOLVED, Function, Given, Tensor, Value, describe
from rl2graph.diagnostics import DiagnosticError, Span

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


MAX_RANGE = 100_000


def call(elaborator: Elaborator, name: str, bound: dict[str, Given], site: CallSite) -> Value:
    """The value of calling builtin `name`."""
    if name == "range":
        return _range(bound["count"])
    operand = bound["x"]
    if name == "by_parts":
        return parts.by_parts(elaborator, bound, site)
    if not isinstance(operand.value, Tensor):
        raise no_tensor(elaborator.reporter, name, operand, site)
    match name:
        case "head":
            value = heads.head(elaborator, bound, operand.value, site)
            return value or unresolved(elaborator, "head", [operand.value.node], site.span, site.context)
        case "by_shape":
            return _by_shape(elaborator, bound, operand, site)
        case "joint":
            return _joint(elaborator, operand, site)
        case "split":
            return parts.split(elaborator, bound, site)
        case "dim_of":
            return _dim_of(elaborator, bound, operand.value)
        case _:
            return _pyramid(elaborator, operand.value)


def _joint(elaborator: Elaborator, operand: Given, site: CallSite) -> Value:
    """`joint(obs)`: that input of every agent."""
    assert isinstance(operand.value, Tensor)
    inputs = elaborator.inputs
    name, path = inputs.name_of(operand.value)
    if not name or path:
        message = "`joint` takes an input, such as `joint(obs)` or `joint(act)`"
        raise DiagnosticError.of("RLG305", message, operand.span)
    if inputs.interface.groups == ():
        message = f"the environment has one agent, so no `joint({name})`"
        raise DiagnosticError.of("RLG507", message, site.span, f"write `{name}`")
    nodes = (operand.value.node,)
    return Tensor(elaborator.add("joint", nodes, {"name": name}, site.span, site.context))


def unresolved(
    elaborator: Elaborator, part: str, nodes: Sequence[int], call: Span, context: Context
) -> Value:
    """A node for a part of the graph that only the spaces decide."""
    return Tensor(elaborator.add("unresolved", tuple(nodes), {"part": part}, call, context))


def _by_shape(elaborator: Elaborator, bound: dict[str, Given], operand: Given, site: CallSite) -> Value:
    """`by_shape(x, vector=f, image=g, other=h)`: the function for tensors of the operand's rank, applied."""
    assert isinstance(operand.value, Tensor)
    type_ = elaborator.builder.type_of(operand.value.node)
    if not type_.ranked:
        return unresolved(elaborator, "encode", [operand.value.node], site.span, site.context)
    kind = {1: "vector", 3: "image"}.get(len(type_.axes), "other")
    chosen = bound.get(kind) or bound.get("other")
    if chosen is None:
        raise DiagnosticError.of("RLG302", f"`by_shape` has no function for {type_}", site.span)
    if not isinstance(chosen.value, Function):
        message = f"`{kind}` of `by_shape` is a function, not {describe(chosen.value)}"
        raise DiagnosticError.of("RLG303", message, chosen.span)
    return elaborator.apply(chosen.value, replace(site, positional=[operand], keywords=[]))


def _dim_of(elaborator: Elaborator, bound: dict[str, Given], operand: Tensor) -> Value:
    """`dim_of(x, axis=-1)`: how long an axis is."""
    given = bound.get("axis")
    axis = -1 if given is None else given.value
    if type(axis) is not int:
        assert given is not None
        message = f"`axis` of `dim_of` is a whole number, not {describe(given.value)}"
        raise DiagnosticError.of("RLG303", message, given.span)
    type_ = elaborator.builder.type_of(operand.node)
    if not type_.ranked:
        return UNRESOLVED
    assert isinstance(axis, int)
    if not -len(type_.axes) <= axis < len(type_.axes):
        at = bound["x"].span if given is None else given.span
        raise DiagnosticError.of("RLG304", f"{type_} has no axis {axis}", at)
    dim = type_.axes[axis]
    return dim if isinstance(dim, int) else UNRESOLVED


def _range(count: Given) -> Value:
    """`range(3)`: the list `[0, 1, 2]`, for loops."""
    number = count.value
    if number is UNRESOLVED:
        return UNRESOLVED
    if type(number) is not int:
        message = f"`range` takes a whole number, not {describe(number)}"
        raise DiagnosticError.of("RLG303", message, count.span)
    assert isinstance(number, int)
    if not 0 <= number <= MAX_RANGE:
        message = f"`range` counts from 0 to at most {MAX_RANGE:,}, not to {number}"
        raise DiagnosticError.of("RLG304", message, count.span)
    return list(range(number))


def _pyramid(elaborator: Elaborator, operand: Tensor) -> Value:
    """Channels of RL2's default convolution: 16 doubling up to 64, one per halving that leaves 4 pixels."""
    type_ = elaborator.builder.type_of(operand.node)
    if not type_.known:
        return UNRESOLVED
    if len(type_.dims) != 3:
        return [16]
    smaller = min(type_.dims[1:])
    depth = max(1, int(log2(smaller / 4)))
    return [min(16 * 2**level, 64) for level in range(depth)]
