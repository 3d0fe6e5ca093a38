"""The arguments of an op's call: tensors for its operands, numbers, strings and lists for its attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.advice import call_line, how_to_call_op, no_tensor, operand_first
from rl2graph.compiler.elaboration.arguments import match
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.values import POISON, UNRESOLVED, Given, Tensor, Value, describe
from rl2graph.diagnostics import DiagnosticError, Span
from rl2graph.ir.build import KINDS
from rl2graph.ir.op import Attribute, Op, Required
from rl2graph.spaces import Box, Record, Space, choices_of

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

_SINGLE = frozenset({int, float, bool, str})
_MEANT = {"choices": "choices", "dims": "continuous actions"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How an op is called.

    Attributes:
        formals: what a call gives it, in order: operands, attributes, operands that may be left out.
        optional: those of them that may be left out.
        plain: numbers of arguments for which a call without keywords needs no further look, because they are
            the operands and some attributes, and all that must be given.
        from_action: whether the action space can stand in for an attribute.
    """

    op: Op
    attributes: tuple[str, ...]
    formals: tuple[str, ...]
    optional: tuple[str, ...]
    plain: range
    from_action: bool

    @classmethod
    def of(cls, op: Op) -> _Form:
        attributes = tuple(attribute.name for attribute in op.attributes)
        formals = attributes if op.variadic else (*op.operands, *attributes, *op.optional)
        optional = (*(a.name for a in op.attributes if may_be_left_out(a)), *op.optional)
        needed = [place + 1 for place, name in enumerate(formals) if name not in optional]
        most = len(op.operands) + len(attributes)
        plain = range(max(needed, default=0), most + 1) if not op.variadic else range(0)
        from_action = any(attribute.action is not None for attribute in op.attributes)
        return cls(op, attributes, formals, optional, plain, from_action)


_forms: dict[str, _Form] = {}
"""Forms by the names of their ops: every call needs one. At most as many as the op table has ops."""


def _form(op: Op) -> _Form:
    form = _forms.get(op.name)
    if form is None or form.op is not op:  # a name can be registered anew
        form = _forms[op.name] = _Form.of(op)
    return form


def match_op(op: Op, site: CallSite) -> tuple[list[Given], dict[str, Given]]:
    """The operands of a call of `op`, in order, and its attributes by name.

    Raises:
        DiagnosticError: RLG203, RLG204 or RLG205.
    """
    form, positional = _form(op), site.positional
    if len(positional) in form.plain and not site.keywords:
        count = len(op.operands)
        if len(positional) == count:
            return positional, {}
        return positional[:count], dict(zip(form.attributes, positional[count:], strict=False))
    how = partial(how_to_call_op, op)
    if op.variadic:
        operands = _flatten(positional)
        bound = match(op.name, form.formals, [], site.keywords, site.text, optional=form.optional, how=how)
        if not operands:
            message = f"`{op.name}` needs at least one tensor"
            raise DiagnosticError.of("RLG204", message, site.span, how())
    else:
        formals, optional = form.formals, form.optional
        bound = match(op.name, formals, positional, site.keywords, site.text, optional=optional, how=how)
        operands = [bound[name] for name in op.operands]
        given = [name for name in op.optional if name in bound]
        through = op.optional.index(given[-1]) + 1 if given else 0
        # One that is left out before one that is given is the first operand.
        operands += [bound.get(name, operands[0]) for name in op.optional[:through]]
    return operands, {name: bound[name] for name in form.attributes if name in bound}


def plain(
    operands: Sequence[Given], attributes: Mapping[str, Given]
) -> tuple[tuple[int, ...], dict[str, object]] | None:
    """The nodes of the operands and the values of the attributes, where the operands are tensors and the
    attributes single values, as they are in nearly every call; else None.
    """
    nodes = []
    for given in operands:
        if type(given.value) is not Tensor:
            return None
        nodes.append(given.value.node)
    values: dict[str, object] = {}
    for name, given in attributes.items():
        if type(given.value) not in _SINGLE:
            return None
        values[name] = given.value
    return tuple(nodes), values


def may_be_left_out(attribute: Attribute) -> bool:
    """Whether a call needs no value for it: it has a default, or the action space gives one."""
    return not isinstance(attribute.default, Required) or attribute.action is not None


def _flatten(givens: Sequence[Given]) -> list[Given]:
    """Operands of a variadic op; a list counts as its items."""
    flat: list[Given] = []
    for given in givens:
        if isinstance(given.value, list):
            flat += [Given(item, given.text) for item in given.value]
        else:
            flat.append(given)
    return flat


def operand_nodes(
    elaborator: Elaborator, op: Op, operands: Sequence[Given], site: CallSite
) -> tuple[int, ...]:
    """The nodes of the operands; a number beside a tensor becomes one where the op takes numbers.

    Raises:
        DiagnosticError: RLG305 for what is no tensor.
    """
    has_tensor = any(isinstance(given.value, Tensor) for given in operands)
    nodes = []
    for given in operands:
        value = given.value
        if isinstance(value, Tensor):
            nodes.append(value.node)
        elif value is UNRESOLVED and op.constants and has_tensor:
            continue  # the call sees to it that nothing more is made of the others
        elif op.constants and has_tensor and type(value) in (int, float):
            assert isinstance(value, int | float)
            nodes.append(elaborator.constant(value, given.span, site.context))
        else:
            raise no_tensor(elaborator.reporter, op.name, given, site)
    return tuple(nodes)


def attribute(op: Op, name: str, given: Given, site: CallSite) -> object:
    """What the op is given for one of its attributes; POISON or UNRESOLVED where an item of a list is.

    Raises:
        DiagnosticError: RLG303 for what is no number, string or list of these.
    """
    value = given.value
    if isinstance(value, int | float | str) or value is UNRESOLVED:
        return value
    if isinstance(value, list):
        if POISON in value:
            return POISON
        if UNRESOLVED in value:
            return UNRESOLVED
        if all(isinstance(item, int | float | str | list) for item in value):
            return value
    kind = next(KINDS[attribute.kind] for attribute in op.attributes if attribute.name == name)
    message = f"`{name}` of `{op.name}` is {kind}, not {describe(value)}"
    raise DiagnosticError.of("RLG303", message, given.span, _misplaced(op, value, given, site))


def _misplaced(op: Op, value: Value, given: Given, site: CallSite) -> str | None:
    """What to do about a tensor that stands where an attribute does."""
    if not isinstance(value, Tensor) or given.keyword is not None:
        return None
    if op.optional:
        shown = " or ".join(f"`{name}=`" for name in op.optional)
        return f"a further tensor is given by keyword, {shown}"
    if site.in_pipeline:
        return "`|>` gives the first operand already: leave it out of the call"
    return operand_first(site) or call_line(op.name)


def fill_from_action(elaborator: Elaborator, op: Op, values: dict[str, object], site: CallSite) -> bool:
    """Fill in what the action space says of attributes that were left out; False where it is not known.

    Raises:
        DiagnosticError: RLG504 for an action space that has no such number.
    """
    if not _form(op).from_action:
        return True
    for attribute in op.attributes:
        if attribute.action is None or attribute.name in values:
            continue
        action = elaborator.inputs.space("act")
        if action is None:
            return False
        count = count_of(attribute.action, action)
        if count is None:
            raise _no_count(op, attribute, action, site.span)
        if not isinstance(count, int):
            return False
        values[attribute.name] = count
    return True


def count_of(kind: str, action: Space) -> object:
    """How many choices, or dims, an action has."""
    if kind == "choices":
        return choices_of(action)
    return action.tensor_type.count if isinstance(action, Box) else None


def _no_count(op: Op, attribute: Attribute, action: Space, span: Span) -> DiagnosticError:
    meant = _MEANT[str(attribute.action)]
    message = f"`{op.name}` is for {meant}, but the action space is {action}"
    hint = f"give its width, `{attribute.name}=4`"
    if op.name in ("categorical", "gaussian") and not isinstance(action, Record):
        hint = "write `head(…)`, which is right in every space"
    return DiagnosticError.of("RLG504", message, span, hint)
