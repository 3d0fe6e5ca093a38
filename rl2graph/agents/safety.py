"""What is said when training is no longer over finite numbers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from rl2graph.diagnostics import DiagnosticError


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
    """RLG610 about a step of `update`, counted from 1, of `algorithm`, in the spelling of its settings."""
    where = _listed([f"`{owner}`" for owner in error.owners])
    gradients = f"; gradients that are not finite: {where}" if where else ""
    what = error.what
    if error.terms:
        what += f" ({_listed([f'`{term}`' for term in error.terms])})"
    return DiagnosticError.of(
        "RLG610",
        f"training became non-finite in update {update}: {what} is not a finite number{gradients}",
        hint=f"try a smaller {algorithm}.learning_rate; look for observations or rewards that are not finite",
    )


def _listed(names: list[str]) -> str:
    """The first three, and how many more."""
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
