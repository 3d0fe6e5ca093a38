"""`head`, which takes its meaning from role and space."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import record_heads
from rl2graph.compiler.elaboration.advice import part_of
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.op_arguments import count_of
from rl2graph.compiler.elaboration.record_heads import policy_head
from rl2graph.compiler.elaboration.type_errors import flatten_first
from rl2graph.compiler.elaboration.values import POISON, Given, Tensor, describe
from rl2graph.diagnostics import DiagnosticError, Span, misspelt, nearest
from rl2graph.ir.roles import ROLES
from rl2graph.spaces import Box, Discrete, Record, Space, leaves_of

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

_OPS = ("dense", "value", "categorical", "gaussian", "deterministic", "qvalues")
"""What a head becomes."""

UNKNOWN_ROLE = "?"  # of an output whose role was refused: its head has no width, and nothing more is said


def head(elaborator: Elaborator, bound: dict[str, Given], operand: Tensor, site: CallSite) -> Tensor | None:
    """The value of `head(x, …)`; None where only the action space says what it is, and is not known."""
    meaning = check_meaning(bound, site)
    action = elaborator.inputs.space("act")
    try:
        if meaning == "pi" and isinstance(action, Record):
            return record_heads.head_of_parts(elaborator, operand, action, site)
        chosen = _head_op(elaborator, meaning, operand, site)
        if chosen is None:
            return None
        op, attributes = chosen
        below = None if site.tail else "head"
        namer = site.context.namer
        node = elaborator.add(
            op, (operand.node,), attributes, site.span, site.context, namer=namer, below=below
        )
    except DiagnosticError as error:
        raise _as_head(elaborator, error, operand, bound["x"].span, site) from None
    return Tensor(node)


def check_meaning(bound: dict[str, Given], site: CallSite) -> int | str:
    """The width of a head, or its role.

    Raises:
        DiagnosticError: RLG205, RLG209, RLG210 or RLG303.
    """
    out = bound.get("out")
    if out is not None and "role" in bound:
        raise DiagnosticError.of(
            "RLG205", "`head` takes `out` or `role`, not both: either says its width", bound["role"].span
        )
    if out is None:
        return _role(bound.get("role"), site.span, site.context)
    if out.value is POISON:
        return 1
    if type(out.value) is not int:
        message = f"`out` of `head` is a whole number, not {describe(out.value)}"
        raise DiagnosticError.of("RLG303", message, out.span)
    assert isinstance(out.value, int)
    return out.value


def _head_op(
    elaborator: Elaborator, meaning: int | str, operand: Tensor, site: CallSite
) -> tuple[str, dict[str, object]] | None:
    """Op and attributes of a head; None where the action space decides and is not known."""
    if isinstance(meaning, int):
        return "dense", {"out": meaning}
    return _op_of_role(elaborator, meaning, operand, site.span)


def _as_head(
    elaborator: Elaborator, error: DiagnosticError, operand: Tensor, at: Span, site: CallSite
) -> DiagnosticError:
    """The finding in the user's words: they wrote `head`."""
    found = error.diagnostics[0]
    if found.code == "RLG504":
        return error
    message = re.sub(rf"`({'|'.join(_OPS)})`", "`head`", found.message, count=1)
    hint, fix = found.hint, None
    if found.code == "RLG302":
        mend = flatten_first(elaborator, operand, at, site.span)
        hint, fix = mend or ("put an encoder before it: `head(encode(obs))`", None)
    return DiagnosticError([replace(found, message=message, hint=hint, fix=fix)])


def _role(given: Given | None, span: Span, context: Context) -> str:
    if given is not None:
        if given.value is POISON:
            return "aux"
        if not isinstance(given.value, str):
            raise DiagnosticError.of(
                "RLG303",
                f'`role` of `head` is a string such as "pi", not {describe(given.value)}',
                given.span,
            )
        if given.value not in ROLES:
            raise unknown_role(given.value, _unquoted(given.span))
        return given.value
    if context.role in ROLES or context.role == UNKNOWN_ROLE:
        assert context.role is not None
        return context.role
    if context.role is None:
        hint = 'inside a definition, write `head(x, role="pi")` or `head(x, out=8)`'
    else:
        near = nearest(context.role or "", ROLES)
        suggestion = f"did you mean the role `{near}`? else " if near else ""
        hint = f"{suggestion}name it after its role ({', '.join(ROLES)}), or write `head(x, out=8)`"
    raise DiagnosticError.of("RLG210", "nothing says what this `head` is for, so it has no width", span, hint)


def unknown_role(name: str, span: Span) -> DiagnosticError:
    otherwise = f"the roles are {', '.join(ROLES)}"
    return DiagnosticError([misspelt("RLG209", f"unknown role `{name}`", span, name, ROLES, otherwise)])


def _unquoted(span: Span) -> Span:
    return Span(span.source, span.start + 1, span.end - 1) if span.text[:1] == '"' else span


def _op_of_role(
    elaborator: Elaborator, role: str, operand: Tensor, span: Span
) -> tuple[str, dict[str, object]] | None:
    if role == UNKNOWN_ROLE:
        return None
    action = elaborator.inputs.space("act")
    if role == "v":
        return "value", {}
    if role in ("q", "q1", "q2") and elaborator.builder.reads_action[operand.node]:
        return "value", {}
    if role == "aux":
        raise DiagnosticError.of(
            "RLG210", "a head of role `aux` has no width of its own", span, "write `head(x, out=8)`"
        )
    if action is None:
        return None
    if role == "pi":
        chosen = None if isinstance(action, Record) else policy_head(action)
    elif role == "mu":
        chosen = "deterministic", count_of("dims", action)
    else:
        chosen = "qvalues", action.n if isinstance(action, Discrete) else None
    if chosen is None or chosen[1] is None:
        raise _no_head(role, action, span)
    op, width = chosen
    return (op, {"n": width}) if isinstance(width, int) else None


def _no_head(role: str, action: Space, span: Span) -> DiagnosticError:
    if role == "mu":
        message = f"`mu` is a continuous action, but the action space is {action}"
        hint = "use `pi`" if isinstance(action, Record) else "use `pi` or `q`"
    elif role == "pi":
        message = f"there is no policy head for the actions {action}"
        hint = "actions are discrete, multi_discrete, multi_binary, box, or parts of these"
    else:
        message = f"there is no head with one value per action of {action}"
        hint = f"let it read the action: `q = head(concat(e, {_as_operands(action)}))`"
    return DiagnosticError.of("RLG504", message, span, hint)


def _as_operands(action: Space) -> str:
    """`act`, or each part of it, as `concat` takes them."""
    shown = []
    for path, part in leaves_of(action):
        text = reduce(part_of, path, "act")
        shown.append(f"flatten({text})" if isinstance(part, Box) and len(part.shape) > 1 else text)
    return ", ".join(shown)
