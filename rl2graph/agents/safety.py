"""What is said when training is no longer over finite numbers, and the check before an action is drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from rl2graph.agents.base import Array, Flags
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.trees import Tree, leaves

CODE = "RLG610"
SPEC = "loss/"
"""Before the names of the spec's own losses, among a loss's stats."""
GENERAL = "look for observations or rewards that are not finite, or in the millions"


class NonFinite(Exception):
    """A step that was not taken, for its loss or its gradient is not finite.

    Attributes:
        what: `the loss`, or `a gradient`.
        owners: paths of the owners whose gradients are not finite, in the model's order.
        terms: names of the loss's stats that are not finite.
    """

    def __init__(self, what: str, owners: tuple[str, ...] = (), terms: tuple[str, ...] = ()) -> None:
        super().__init__(f"{what} is not finite")
        self.what = what
        self.owners = owners
        self.terms = terms


def non_finite_step(loss: Tensor, stats: Mapping[str, Tensor], grads: Mapping[str, Tensor]) -> NonFinite:
    """What is not finite in a step.

    Args:
        loss: scalar.
        stats: the loss's own, by name.
        grads: gradients by state_dict key, before clipping.
    """
    terms = tuple(name for name, value in stats.items() if not bool(torch.isfinite(value).all()))
    # The norm, as clipping takes it: of finite entries above 1e19 it is infinite in float32.
    bad = [key for key, grad in grads.items() if not bool(torch.isfinite(torch.linalg.vector_norm(grad)))]
    owners = tuple(dict.fromkeys(key.rpartition(".")[0] or key for key in bad))
    return NonFinite("a gradient" if bool(torch.isfinite(loss)) else "the loss", owners, terms)


def non_finite(error: NonFinite, *, update: int, algorithm: str) -> DiagnosticError:
    """RLG610 about a step of the `update`th update, counted from 1, of `algorithm` (`ppo`)."""
    terms = f" ({_listed(error.terms)})" if error.terms else ""
    owners = f" of {_listed(error.owners)}" if error.owners else ""
    if error.what == "a gradient":
        found = f"the loss is finite, and the gradient{owners} is not{terms}"
    else:
        found = f"{error.what}{terms} is not a finite number"
        found += f", nor is the gradient{owners}" if owners else ""
    return DiagnosticError.of(
        CODE, f"training became non-finite in update {update}: {found}", hint=_hint(error, algorithm)
    )


def check_acting(
    params: Array,
    value: Array,
    obs: Tree,
    *,
    update: int,
    algorithm: str,
    names: tuple[str, str] = ("pi", "v"),
) -> None:
    """Refuses to draw an action from numbers that are not finite; costs a few microseconds otherwise.

    Args:
        params: `[B, P]`, the policy's parameters.
        value: `[B]`.
        obs: what they are of, `[B, ...]`; a mapping of such where it has parts.
        update: how many updates there were.
        algorithm: in the spelling of its settings (`ppo`).
        names: of the two outputs.

    Raises:
        DiagnosticError: RLG610, which says which output of which environment it is, and whether the
            observation is at fault or the network.
    """
    if np.isfinite(params).all() and np.isfinite(value).all():
        return
    sound = {name: _finite_rows(output) for name, output in zip(names, (params, value), strict=True)}
    slots = np.flatnonzero(~np.logical_and.reduce(list(sound.values())))
    parts = {".".join(("obs", *path)): _finite_rows(part) for path, part in leaves(obs)}
    # A network that is broken fails on sound observations, too: one such environment settles it.
    slot = next((int(s) for s in slots if all(part[s] for part in parts.values())), None)
    broken = slot is not None
    slot = int(slots[0]) if slot is None else slot
    output = next(name for name, rows in sound.items() if not rows[slot])
    if broken:
        cause = "though its observation is finite"
        hint = (
            "a weight, a statistic or a recurrent state of the network is not finite, or its numbers"
            f" overflow: try a smaller {algorithm}.learning_rate, or normalise the observations"
        )
    else:
        cause = f"for its observation `{next(name for name, rows in parts.items() if not rows[slot])}` is not"
        hint = "look at what the environment observes, also where episodes begin and end"
    raise DiagnosticError.of(
        CODE,
        f"acting became non-finite {f'after update {update}' if update else 'before the first update'}:"
        f" `{output}` of environment {slot} is not a finite number, {cause}",
        hint=hint,
    )


def _finite_rows(array: Array) -> Flags:
    """Whether all of a row is finite: bool `[B]` of `[B, ...]`."""
    finite: Flags = np.isfinite(array).reshape(len(array), -1)
    return np.logical_and.reduce(finite, axis=1)  # type: ignore[no-any-return]


def _hint(error: NonFinite, algorithm: str) -> str:
    terms = set(error.terms)
    own = [term.removeprefix(SPEC) for term in error.terms if term.startswith(SPEC)]
    slower = f"try a smaller {algorithm}.learning_rate"
    if "policy_loss" in terms and "value_loss" not in terms:
        return (
            f"the policy gives an action that was taken a probability of nearly 0: {slower},"
            f" or some {algorithm}.entropy_coefficient"
        )
    if "value_loss" in terms and "policy_loss" not in terms:
        return f"returns or values are too large to be squared: scale or clip the rewards, or {slower}"
    where = "a root, a logarithm, an exponential or a division"
    if own and len(own) == len(terms):
        return f"look for {where} in what the spec's loss `{own[0]}` computes; {slower}"
    if not terms and error.what == "a gradient":
        return f"look for {where} in what the spec computes, of which the slope can be infinite; {slower}"
    return f"{GENERAL}; {slower}"


def _listed(names: tuple[str, ...]) -> str:
    """The first three, and how many more."""
    more = len(names) - 3
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {more} more" if more > 0 else "")
