"""Wrong compilers: mistakes that passes, entry points and emission could have, one planted at a time.

`python -m tests.proof.planted` prints which checks catch each of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

import pytest

from tests.proof.planted_checks import KINDS, Finding, Kind, findings

FILES = tuple(
    f"tests.proof.planted_{what}"
    for what in ("dedup", "laws", "spellings", "graphs", "effects", "entries", "training", "emission")
)

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake.

    Attributes:
        name: what the mistake does. `why`: one sentence on who would make it.
        near: the kind of checks that looks where it is.
        plant: puts it into the compiler.
    """

    name: str
    why: str
    near: Kind
    plant: Plant


def every_fault() -> list[Fault]:
    """The faults, in the order of the files that they are in."""
    faults = []
    for module in map(import_module, FILES):
        for name, plant in vars(module).items():
            if getattr(plant, "near", None) and plant.__module__ == module.__name__:
                why = " ".join((plant.__doc__ or "").split())
                faults.append(Fault(name.strip("_").replace("_", " "), why, plant.near, plant))
    return faults


def first_finding(fault: Fault) -> Finding | None:
    """What the checks say first of a compiler with the fault in it, those near to it before the others."""
    kinds = [fault.near, *(kind for kind in KINDS if kind != fault.near)]
    return next(with_fault(fault, kinds), None)


def with_fault(fault: Fault, kinds: list[Kind]) -> Iterator[Finding]:
    """What the checks of these kinds say of a compiler with the fault in it."""
    for kind in kinds:
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            yield from findings(kind)


def main() -> int:
    """Print a table of the faults and of the checks of each kind that catch them."""
    missed = 0
    for number, fault in enumerate(every_fault(), 1):
        caught = {kind: next(with_fault(fault, [kind]), None) for kind in KINDS}
        by = [f"{kind} ({found.check})" for kind, found in caught.items() if found]
        missed += not by
        print(f"{number:3} {fault.name}: {fault.why}\n    {', '.join(by) or 'NOT CAUGHT'}", flush=True)
        said = next((found for found in caught.values() if found), None)
        print(f"    {said.subject}: {said.said}" if said else "", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
