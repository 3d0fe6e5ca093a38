"""A policy over an action of several parts: one head for each, joined to one vector in the space's order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.op_arguments import count_of
from rl2graph.compiler.elaboration.scope import Namer
from rl2graph.compiler.elaboration.values import Tensor
from rl2graph.diagnostics import DiagnosticError, Span
from rl2graph.ir.reserved import free_name, reserved
from rl2graph.spaces import Leaf, Record, leaves_of

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

_HEADS = {"choices": "categorical", "dims": "gaussian"}


def policy_head(action: Leaf) -> tuple[str, object] | None:
    """The op of a policy over an action of one part, and its width; None for what is no action."""
    for kind, op in _HEADS.items():
        width = count_of(kind, action)
        if width is not None:
            return op, width
    return None


def head_of_parts(elaborator: Elaborator, operand: Tensor, action: Record, site: CallSite) -> Tensor | None:
    """`head(x)` of a policy over those parts; None where dims of one are open.

    Each part's head owns weights of its own: `pi = head(e)` those at `pi.<part>`, also `pi.<part>.<part>`.

    Raises:
        DiagnosticError: RLG504 for a part that is no action, and what a head refuses.
    """
    namer = site.context.namer
    base = namer if site.tail else namer.inner("head")
    heads = list(_heads(action, site.span))
    if not all(isinstance(width, int) for _, width in heads):
        return None
    nodes = []
    for (op, width), owner in zip(heads, _namers(base, action), strict=True):
        nodes.append(elaborator.add(op, (operand.node,), {"n": width}, site.span, site.context, namer=owner))
    if len(nodes) == 1:
        return Tensor(nodes[0])
    return Tensor(elaborator.add("concat", tuple(nodes), {"axis": -1}, site.span, site.context))


def _heads(action: Record, span: Span) -> Iterator[tuple[str, object]]:
    for path, part in leaves_of(action):
        head = policy_head(part)
        if head is None:
            shown = ".".join(path)
            message = f"there is no policy head for the part `{shown}` of the actions, {part}"
            hint = "parts of an action are discrete, multi_discrete, multi_binary or box"
            raise DiagnosticError.of("RLG504", message, span, hint)
        yield head


def _namers(namer: Namer, action: Record) -> Iterator[Namer]:
    """A namer for each part that has none itself, in order; none has a path that is taken below `namer`."""
    below = f"{namer.prefix}."
    taken = {path[len(below) :].split(".")[0] for path in namer.claimed if path.startswith(below)}
    for name, (_, part) in zip(owner_names([name for name, _ in action.fields]), action.fields, strict=True):
        inner = namer.inner(name)
        while inner.prefix.rsplit(".", 1)[-1] in taken:
            inner = namer.inner(name)
        taken.add(inner.prefix.rsplit(".", 1)[-1])
        if isinstance(part, Record):
            yield from _namers(inner, part)
        else:
            yield inner


def owner_names(parts: Sequence[str]) -> list[str]:
    """What the parts of a record are called in owner paths: by their names, or `part_0`, `part_1`, … by their
    place where Python or a module could not have that name.
    """
    used = {name for name in parts if _can_be_owner(name)}
    names = []
    for place, name in enumerate(parts):
        if not _can_be_owner(name):
            name = free_name(f"part_{place}", used)
            used.add(name)
        names.append(name)
    return names


def _can_be_owner(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None and reserved(name) is None
