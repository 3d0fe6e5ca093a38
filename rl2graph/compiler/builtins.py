"""The functions of the language itself: `head`, which takes its meaning from role and space, and what the
presets ask about shapes.
"""

from __future__ import annotations

from dataclasses import replace
from math import log2
from typing import TYPE_CHECKING

from rl2graph.compiler.callsite import CallSite
from rl2graph.compiler.diagnose import Context
from rl2graph.compiler.values import POISON, UNRESOLVED, Function, Given, Tensor, Value, describe
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Span, did_you_mean, nearest
from rl2graph.ir.roles import ROLES
from rl2graph.spaces import Box, Discrete

if TYPE_CHECKING:
    from rl2graph.compiler.elaborate import Elaborator


def call(elaborator: Elaborator, name: str, bound: dict[str, Given], site: CallSite) -> Value:
    """The value of calling builtin `name`."""
    operand = bound["x"]
    if not isinstance(operand.value, Tensor):
        message = f"`{name}` takes a tensor here, not {describe(operand.value)}"
        raise DiagnosticError.of("RLG305", message, operand.span)
    match name:
        case "head":
            return _head(elaborator, bound, operand, site)
        case "by_shape":
            return _by_shape(elaborator, bound, operand, site)
        case _:
            return _pyramid(elaborator, operand.value)


def unresolved(elaborator: Elaborator, part: str, operand: Given, call: Span, context: Context) -> Value:
    """A node for a part of the graph that only the spaces decide."""
    if not isinstance(operand.value, Tensor):
        return POISON
    return Tensor(elaborator.add("unresolved", (operand.value.node,), {"part": part}, call, context))


def _head(elaborator: Elaborator, bound: dict[str, Given], operand: Given, site: CallSite) -> Value:
    assert isinstance(operand.value, Tensor)
    chosen = _head_op(elaborator, bound, operand.value, site)
    if chosen is None:
        return unresolved(elaborator, "head", operand, site.span, site.context)
    op, attributes = chosen
    try:
        node = elaborator.add(
            op,
            (operand.value.node,),
            attributes,
            site.span,
            site.context,
            namer=site.context.namer,
            below=None if site.tail else "head",
        )
    except DiagnosticError as error:
        raise _as_head(error, op) from None
    return Tensor(node)


def _head_op(
    elaborator: Elaborator, bound: dict[str, Given], operand: Tensor, site: CallSite
) -> tuple[str, dict[str, object]] | None:
    """Op and attributes of a head; None where the action space decides and is not known."""
    out = bound.get("out")
    if out is not None and "role" in bound:
        raise DiagnosticError.of(
            "RLG205", "`head` takes `out` or `role`, not both: either says its width", bound["role"].span
        )
    if out is None:
        role = _role(bound.get("role"), site.span, site.context)
        return _op_of_role(elaborator, role, operand, site.span)
    if type(out.value) is not int:
        message = f"`out` of `head` is a whole number, not {describe(out.value)}"
        raise DiagnosticError.of("RLG303", message, out.span)
    return "dense", {"out": out.value}


def _as_head(error: DiagnosticError, op: str) -> DiagnosticError:
    """The finding in the user's words: they wrote `head`."""
    found = error.diagnostics[0]
    message = found.message.replace(f"`{op}`", "`head`", 1)
    hint = found.hint
    if found.code == "RLG302":
        hint = "put an encoder before it: `head(encode(obs))`"
    return DiagnosticError([Diagnostic(found.code, message, found.span, found.label, hint, found.labels)])


def _role(given: Given | None, span: Span, context: Context) -> str:
    if given is not None:
        if not isinstance(given.value, str):
            raise DiagnosticError.of(
                "RLG303",
                f'`role` of `head` is a string such as "pi", not {describe(given.value)}',
                given.span,
            )
        if given.value not in ROLES:
            raise unknown_role(given.value, given.span)
        return given.value
    if context.role in ROLES:
        assert context.role is not None
        return context.role
    if context.expansions:
        hint = 'inside a definition, write `head(x, role="pi")` or `head(x, out=8)`'
    else:
        near = nearest(context.role or "", ROLES)
        suggestion = f"did you mean the role `{near}`? else " if near else ""
        hint = f"{suggestion}name it after its role ({', '.join(ROLES)}), or write `head(x, out=8)`"
    raise DiagnosticError.of("RLG210", "nothing says what this `head` is for, so it has no width", span, hint)


def unknown_role(name: str, span: Span) -> DiagnosticError:
    hint = did_you_mean(name, ROLES) or f"the roles are {', '.join(ROLES)}"
    return DiagnosticError.of("RLG209", f"unknown role `{name}`", span, hint)


def _op_of_role(
    elaborator: Elaborator, role: str, operand: Tensor, span: Span
) -> tuple[str, dict[str, object]] | None:
    action = elaborator.inputs.space("act")
    if role == "v":
        return "value", {}
    if role in ("q", "q1", "q2") and elaborator.builder.depends_on(operand.node, "act"):
        return "value", {}
    if role == "aux":
        raise DiagnosticError.of(
            "RLG210", "a head of role `aux` has no width of its own", span, "write `head(x, out=8)`"
        )
    if action is None:
        return None
    if role == "pi":
        if isinstance(action, Discrete):
            return "categorical", {"n": action.n}
        if isinstance(action, Box):
            return "gaussian", {"n": action.size}
    if role == "mu" and isinstance(action, Box):
        return "deterministic", {"n": action.size}
    if role in ("q", "q1", "q2") and isinstance(action, Discrete):
        return "qvalues", {"n": action.n}
    if role == "mu":
        raise DiagnosticError.of(
            "RLG504",
            f"`mu` is a continuous action, but the action space is {action}",
            span,
            "use `pi` or `q`",
        )
    raise DiagnosticError.of(
        "RLG504",
        f"there is no head with one value per action of {action}",
        span,
        "let it read the action: `q = head(concat(e, act))`",
    )


def _by_shape(elaborator: Elaborator, bound: dict[str, Given], operand: Given, site: CallSite) -> Value:
    """`by_shape(x, vector=f, image=g, other=h)`: the function for tensors of the operand's rank, applied."""
    assert isinstance(operand.value, Tensor)
    type_ = elaborator.builder.type_of(operand.value.node)
    if not type_.known:
        return unresolved(elaborator, "encode", operand, site.span, site.context)
    kind = {1: "vector", 3: "image"}.get(len(type_.dims), "other")
    chosen = bound.get(kind) or bound.get("other")
    if chosen is None:
        raise DiagnosticError.of("RLG302", f"`by_shape` has no function for {type_}", site.span)
    if not isinstance(chosen.value, Function):
        message = f"`{kind}` of `by_shape` is a function, not {describe(chosen.value)}"
        raise DiagnosticError.of("RLG303", message, chosen.span)
    return elaborator.apply(chosen.value, replace(site, positional=[operand], keywords=[]))


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
