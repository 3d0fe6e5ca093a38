"""What each algorithm asks of a spec: data, checked before anything runs. No torch here."""

from __future__ import annotations

from collections.abc import Iterable

from rl2graph.contracts.a2c import A2C
from rl2graph.contracts.contract import Contract, EntryPoint, LossTerm, Optimiser
from rl2graph.contracts.ppo import PPO
from rl2graph.diagnostics import DiagnosticError, did_you_mean
from rl2graph.ir.graph import LOSS

CONTRACTS: dict[str, Contract] = {contract.algorithm: contract for contract in (PPO, A2C)}
"""Contracts by the algorithm's canonical name."""


def contract_of(name: str) -> Contract:
    """The contract of an algorithm, its name in any case.

    Raises:
        DiagnosticError: RLG506.
    """
    contract = CONTRACTS.get(name.lower())
    if contract is None:
        near = did_you_mean(name.lower(), CONTRACTS)
        own = "`--ops MODULE` loads one of your own"
        hint = f"{near} {own}" if near else f"known are {', '.join(CONTRACTS)}; {own}"
        raise DiagnosticError.of("RLG506", f"unknown algorithm `{name}`", hint=hint)
    return contract


def choose_algorithm(roles: Iterable[str | None]) -> str:
    """The algorithm whose roles a spec has, the first of several.

    Raises:
        DiagnosticError: RLG505 where they match none.
    """
    present = {role for role in roles if role is not None and role not in ("aux", LOSS)}
    for contract in CONTRACTS.values():
        if set(contract.roles) == present:
            return contract.algorithm
    known = "; ".join(f"{{{', '.join(c.roles)}}} {c.algorithm}" for c in CONTRACTS.values())
    shown = ", ".join(sorted(present)) or "none"
    raise DiagnosticError.of(
        "RLG505", f"the spec's roles ({shown}) match no algorithm", hint=f"roles and algorithms: {known}"
    )


__all__ = [
    "A2C",
    "CONTRACTS",
    "PPO",
    "Contract",
    "EntryPoint",
    "LossTerm",
    "Optimiser",
    "choose_algorithm",
    "contract_of",
]
