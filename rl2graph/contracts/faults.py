"""Whether a contract goes together with itself."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.contracts.contract import Contract
from rl2graph.ir.graph import LOSS
from rl2graph.ir.roles import ROLES


def faults(contract: Contract) -> Iterator[str]:
    """What names something that is not there, a sentence each."""
    known = (*contract.roles, LOSS)
    listed = ", ".join(known)
    for role in contract.roles:
        if role not in ROLES:
            yield f"its contract asks for the role {role!r}, and roles are {', '.join(ROLES)}"
    for what, user, roles in (
        *(("entry", entry.name, entry.roles) for entry in contract.entries),
        *(("loss", loss.name, loss.reads) for loss in contract.losses),
    ):
        for role in roles:
            if role not in known:
                yield f"the {what} {user!r} of its contract reads {role!r}, which is none of {listed}"
    losses = [loss.name for loss in contract.losses]
    for optimiser in contract.optimisers:
        for name in optimiser.losses:
            if name not in losses:
                yield (
                    f"the optimiser {optimiser.name!r} of its contract descends {name!r}, which is none of"
                    f" {', '.join(losses)}"
                )
