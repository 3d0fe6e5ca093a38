"""What roles and action spaces ask of an output."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.spaces import Box, Record, Space, choices_of


@dataclass(frozen=True, slots=True)
class Head:
    """What an output is to an algorithm: `kind` and the per-sample shape that it must have."""

    kind: str
    shape: tuple[int, ...]


def head_of(role: str | None, action: Space | None) -> Head | None:
    """The head of a role for an action space; None where the role or space fixes none."""
    if role == "v":
        return Head("value", ())
    if role == "pi" and action is not None:
        width = policy_width(action)
        return None if width is None else Head(policy_kind(action), (width,))
    if role == "mu" and isinstance(action, Box) and action.tensor_type.known:
        return Head("deterministic", (action.size,))
    return None


def policy_kind(action: Space) -> str:
    """What a policy's parameters are of: `categorical` for choices, `gaussian`, or `joint` for parts."""
    match action:
        case Box():
            return "gaussian"
        case Record():
            return "joint"
    return "categorical"


def policy_width(action: Space) -> int | None:
    """How many numbers a policy has for an action: a logit for each choice, mean and log standard deviation
    for each number of a Box, those of its parts one after the other; None where that is not known.
    """
    match action:
        case Record():
            widths = [policy_width(part) for _, part in action.fields]
            known = [width for width in widths if width is not None]
            return sum(known) if len(known) == len(widths) else None
        case Box():
            return 2 * action.size if action.tensor_type.known else None
    return choices_of(action)


def action_kinds(action: Space) -> tuple[str, ...]:
    """`discrete`, `box`, …: the words that contracts know an action space by, one for each part."""
    if isinstance(action, Record):
        return tuple(kind for _, part in action.fields for kind in action_kinds(part))
    return (str(action).split("[", 1)[0],)
