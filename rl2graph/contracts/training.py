"""Which losses train what, and in which optimiser: what a run says of a shared encoder."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rl2graph.contracts.check import loss_matrix
from rl2graph.contracts.contract import Contract
from rl2graph.ir.graph import Graph


def trained_by(graph: Graph, contract: Contract, without: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """For each owner that is trained the losses that train it, in the contract's order."""
    matrix = {name: owners for name, owners in loss_matrix(graph, contract).items() if name not in without}
    found = {
        owner.path: tuple(name for name, owners in matrix.items() if owner.path in owners)
        for owner in graph.owners
        if not owner.frozen
    }
    return {path: losses for path, losses in found.items() if losses}


def training_plan(graph: Graph, contract: Contract, *, without: Collection[str] = ()) -> list[dict[str, Any]]:
    """What each optimiser descends, JSON-ready: `optimiser`, the `losses` whose sum it descends, its `owners`
    with the losses that train each, and of these the `shared` ones, on which outputs of several roles stand.

    An owner under several losses is in one optimiser, and stepped once on their sum. Losses in `without`
    do not count: settings leave them out.
    """
    owners = trained_by(graph, contract, without)
    reads = {loss.name: frozenset(loss.reads) for loss in contract.losses}
    plan = []
    for optimiser in contract.optimisers:
        own = {
            path: [loss for loss in losses if loss in optimiser.losses]
            for path, losses in owners.items()
            if set(losses) & set(optimiser.losses)
        }
        used = {loss for losses in own.values() for loss in losses}
        plan.append(
            {
                "optimiser": optimiser.name,
                "losses": [loss for loss in optimiser.losses if loss in used],
                "owners": own,
                "shared": [path for path, losses in own.items() if len({reads[loss] for loss in losses}) > 1],
            }
        )
    return plan


def in_words(plan: list[dict[str, Any]]) -> list[str]:
    """A line for each optimiser of a plan."""
    lines = []
    for each in plan:
        when = f", {each['when']}" if "when" in each else ""
        line = f"{each.get('kind', each['optimiser'])}{when}: one step on {' + '.join(each['losses'])}"
        shared = each["shared"]
        if shared:
            named = ", ".join(shared[:3]) + (f" and {len(shared) - 3} more" if len(shared) > 3 else "")
            line += f"; under several of them: {named}"
        lines.append(line)
    return lines
