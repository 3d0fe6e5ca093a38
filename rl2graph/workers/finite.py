"""What is said where an environment gives numbers that are not finite."""

from __future__ import annotations

import numpy as np

from rl2graph.agents.base import Step
from rl2graph.diagnostics import DiagnosticError


def check_rewards(step: Step, taken: int | None = None) -> None:
    """Raises RLG610 where a reward that counts is not finite; `taken` are the run's steps before this one."""
    bad = np.flatnonzero(~np.isfinite(step.reward) & step.valid)
    if len(bad):
        raise non_finite("the reward", int(bad[0]), "learning from it would spoil every weight", taken)


def non_finite(what: str, slot: int, why: str, taken: int | None = None) -> DiagnosticError:
    """RLG610 about something that environment `slot` gave."""
    when = "" if taken is None else f", {taken:,} steps into the run,"
    return DiagnosticError.of(
        "RLG610",
        f"{what} of environment {slot}{when} is not a finite number",
        hint=f"the environment gave it; {why}",
    )
