"""The functions of the language itself: `head`, `joint`, `split`, and what the presets ask about shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import log2
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import heads
from rl2graph.compiler.elaboration.advice import no_tensor
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.op_arguments import count_of
from rl2graph.compiler.elaboration.values import (
    POISON,
    UNRESOLVED,
    Fields,
    Function,
    Given,
    Tensor,
    Value,
    describe,
)
from rl2graph.diagnostics import DiagnosticError, Span
from rl2graph.ir.types import TensorType

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


MAX_RANGE = 100_000  # items: the list is made at once, before the limits on what a loop over it does


def call(elaborator: Elaborator, name: str, bound: dict[str, Given], site: CallSite) -> Value:
    """The value of calling builtin `name`."""
    operand = bound.get("x")
    if operand is not None and name != "by_parts" and not isinstance(operand.value, Tensor):
        raise no_tensor(elaborator.reporter, name, operand, site)
    return _FUNCTIONS[name](elaborator, bound, site)


def _operand(bound: dict[str, Given]) -> Tensor:
    """The operand of a builtin that takes a tensor, as `call` has seen to."""
    value = bound["x"].value
    assert isinstance(value, Tensor)
    return value


def _head(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    operand = _operand(bound)
    value = heads.head(elaborator, bound, operand, site)
    return value or unresolved(elaborator, "head", [operand.node], site.span, site.context)


def _choices(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`choices()`: how many choices an action has."""
    action = elaborator.inputs.space("act")
    if action is None:
        return UNRESOLVED
    count = count_of("choices", action)
    if not isinstance(count, int):
        message = f"`choices()` counts those of an action, but the action space is {action}"
        raise DiagnosticError.of("RLG504", message, site.span)
    return count


def _joint(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`joint(obs)`: that input of every agent, as one vector."""
    operand = _operand(bound)
    inputs = elaborator.inputs
    name, path = inputs.name_of(operand)
    if not name or path:
        message = "`joint` takes an input, such as `joint(obs)` or `joint(act)`"
        raise DiagnosticError.of("RLG305", message, bound["x"].span)
    if inputs.interface.groups == ():
        message = f"the environment has one agent, so no `joint({name})`"
        raise DiagnosticError.of("RLG507", message, site.span, f"write `{name}`")
    if inputs.interface.agents is None or inputs.space(name) is None:
        return Tensor(elaborator.add("joint", (operand.node,), {"name": name}, site.span, site.context))
    each = inputs.of_each_agent(name, inputs.interface.agents, site.span)
    vectors = [elaborator.add("flatten", (node,), {}, site.span, site.context) for node in each]
    return Tensor(elaborator.add("concat", tuple(vectors), {}, site.span, site.context))


def unresolved(
    elaborator: Elaborator, part: str, nodes: Sequence[int], call: Span, context: Context
) -> Value:
    """A node for a part of the graph that only the spaces decide."""
    return Tensor(elaborator.add("unresolved", tuple(nodes), {"part": part}, call, context))


def _by_shape(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`by_shape(x, vector=f, image=g, other=h)`: the function for tensors of the operand's rank, applied."""
    operand = _operand(bound)
    type_ = elaborator.builder.type_of(operand.node)
    if not type_.ranked:
        return unresolved(elaborator, "encode", [operand.node], site.span, site.context)
    kind = {1: "vector", 3: "image"}.get(len(type_.axes), "other")
    chosen = bound.get(kind) or bound.get("other")
    if chosen is None:
        raise DiagnosticError.of("RLG302", f"`by_shape` has no function for {type_}", site.span)
    if not isinstance(chosen.value, Function):
        message = f"`{kind}` of `by_shape` is a function, not {describe(chosen.value)}"
        raise DiagnosticError.of("RLG303", message, chosen.span)
    return elaborator.apply(chosen.value, replace(site, positional=[bound["x"]], keywords=[]))


def _by_parts(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`by_parts(x, f)`: `f` of each part of an input, joined to one vector; `f(x)` where it has no parts."""
    each, operand = bound["each"], bound["x"]
    if not isinstance(each.value, Function):
        message = f"`each` of `by_parts` is a function, not {describe(each.value)}"
        raise DiagnosticError.of("RLG303", message, each.span)
    values = [
        elaborator.apply(each.value, replace(site, positional=[Given(leaf, operand.span)], keywords=[]))
        for leaf in _leaves(elaborator, operand.value, operand.span)
    ]
    nodes = tuple(value.node for value in values if isinstance(value, Tensor))
    if len(values) == 1 or len(nodes) < len(values):
        return values[0] if len(values) == 1 else POISON
    return Tensor(elaborator.add("concat", nodes, {"axis": -1}, site.span, site.context))


def _leaves(elaborator: Elaborator, value: Value, at: Span) -> Iterator[Value]:
    """The parts of an input that have no parts themselves, in order; the value itself where it has none."""
    if not isinstance(value, Fields):
        yield value
        return
    for name in value.parts:
        yield from _leaves(elaborator, elaborator.inputs.part(value, name, at), at)


def _dim_of(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`dim_of(x, axis=-1)`: how long an axis is."""
    type_ = elaborator.builder.type_of(_operand(bound).node)
    axis = _axis("dim_of", bound, type_)
    dim = type_.axes[axis] if type_.ranked else None
    return dim if isinstance(dim, int) else UNRESOLVED


def _axis(function: str, bound: dict[str, Given], type_: TensorType) -> int:
    """The axis of its operand that a call names, the last one where it names none.

    Raises:
        DiagnosticError: RLG303, RLG304 for one that a tensor of that type does not have, RLG508 for one that
            hangs on spaces that are not known.
    """
    given = bound.get("axis")
    axis = -1 if given is None else given.value
    at = bound["x"].span if given is None else given.span
    if axis is UNRESOLVED:
        raise DiagnosticError.of("RLG508", "the axis is not known", at, "write a number, or give the spaces")
    if type(axis) is not int:
        message = f"`axis` of `{function}` is a whole number, not {describe(axis)}"
        raise DiagnosticError.of("RLG303", message, at)
    assert isinstance(axis, int)
    if type_.ranked and not -len(type_.axes) <= axis < len(type_.axes):
        raise DiagnosticError.of("RLG304", f"{type_} has no axis {axis}", at)
    return axis


def _split(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`split(x, sizes, axis=-1)`: the list of pieces of those sizes, or of so many equal pieces."""
    operand = _operand(bound)
    type_ = elaborator.builder.type_of(operand.node)
    axis = _axis("split", bound, type_)
    length = type_.axes[axis] if type_.ranked else None
    pieces: list[Value] = []
    start = 0
    for size in _sizes(bound["sizes"], length if isinstance(length, int) else None):
        cut = {"start": start, "stop": start + size, "axis": axis}
        pieces.append(Tensor(elaborator.add("slice", (operand.node,), cut, site.span, site.context)))
        start += size
    return pieces


def _sizes(given: Given, length: int | None) -> list[int]:
    """The sizes of the pieces of an axis.

    Raises:
        DiagnosticError: RLG303, RLG301 where they do not add up to its length, RLG508 where a size is
            not known, or hangs on a length that is not.
    """
    value = given.value
    items = value if isinstance(value, list) else [value]
    if UNRESOLVED in items:
        hint = "write them as numbers, or give the spaces"
        raise DiagnosticError.of("RLG508", "the sizes of the pieces are not known", given.span, hint)
    if not items or any(type(item) is not int or item < 1 for item in items):
        message = f"`sizes` of `split` is a number of pieces or a list of their sizes, not {describe(value)}"
        raise DiagnosticError.of("RLG303", message, given.span)
    sizes = [item for item in items if isinstance(item, int)]
    if isinstance(value, int):
        if length is None:
            hint = "write the sizes as a list, or give the spaces"
            raise DiagnosticError.of("RLG508", "the axis has no known length to divide", given.span, hint)
        if length % value:
            raise DiagnosticError.of("RLG301", f"{length} does not divide into {value} pieces", given.span)
        return [length // value] * value
    if length is not None and sum(sizes) != length:
        message = f"the sizes add up to {sum(sizes)}, but the axis has {length}"
        raise DiagnosticError.of("RLG301", message, given.span)
    return sizes


def _range(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """`range(3)`: the list `[0, 1, 2]`, for loops."""
    count = bound["count"]
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


def _pyramid(elaborator: Elaborator, bound: dict[str, Given], site: CallSite) -> Value:
    """Channels of RL2's default convolution: 16 doubling up to 64, one per halving that leaves 4 pixels."""
    type_ = elaborator.builder.type_of(_operand(bound).node)
    if not type_.known:
        return UNRESOLVED
    if len(type_.dims) != 3:
        return [16]
    smaller = min(type_.dims[1:])
    depth = max(1, int(log2(smaller / 4)))
    return [min(16 * 2**level, 64) for level in range(depth)]


_FUNCTIONS: dict[str, Callable[[Elaborator, dict[str, Given], CallSite], Value]] = {
    "head": _head,
    "joint": _joint,
    "by_shape": _by_shape,
    "by_parts": _by_parts,
    "choices": _choices,
    "dim_of": _dim_of,
    "split": _split,
    "pyramid": _pyramid,
    "range": _range,
}
