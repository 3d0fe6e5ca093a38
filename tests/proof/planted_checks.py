"""The checks that a wrong compiler has to get past: those that the suite holds the right one to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from rl2graph.compiler.pipeline import optimise
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import with_effects
from rl2graph.testing.generation.programs import Program
from tests.proof.oracles import fingerprint_oracle, graph_oracle, run_oracle, slot_faults
from tests.proof.planted_cases import CASES
from tests.proof.planted_specs import programs
from tests.proof.sources import MODES, literal_of

Kind = Literal["graphs", "runs", "entries"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the check that says so, of which spec or case, in its words."""

    check: str
    subject: str
    said: str


def findings(kind: Kind) -> Iterator[Finding]:
    """What the checks of a kind find, one spec or case after the other."""
    if kind == "entries":
        for name, case in CASES.items():
            yield from _of(name, "entry", case)
        return
    for name, program in programs().items():
        if kind == "graphs":
            yield from _of(name, "passes", lambda program=program: _graphs(program))
        else:
            yield from _of(name, "run", lambda program=program: run_oracle(program, 0).faults)


def _of(subject: str, check: str, run: Callable[[], Any]) -> Iterator[Finding]:
    """Findings of one run; an error is one."""
    try:
        for said in run():
            found, _, text = said.rpartition("\0")
            yield Finding(found or check, subject, text)
    except DiagnosticError as error:
        broken = error.diagnostics[0]
        yield Finding("verifier" if broken.code == "RLG701" else broken.code, subject, broken.message)
    except Exception as error:
        yield Finding(f"{check}: {type(error).__name__}", subject, str(error))


def _graphs(program: Program) -> Iterator[str]:
    """Faults that can be seen without running; before a NUL, who says so."""
    for name, graph in _each_graph(literal_of(program)):
        _, reports = optimise(graph, 1)
        yield from (
            f"graph oracle\0{name}: {fault}" for fault in graph_oracle(graph, reports, thorough=False)
        )
        if name == "model":
            yield from (f"slots\0{fault}" for fault in slot_faults(graph))
            yield from (f"fingerprints\0{f}" for f in fingerprint_oracle(graph, reports, 0).faults)


def _each_graph(literal: Graph) -> Iterator[tuple[str, Graph]]:
    """A spec's graph, those of modes in which other effects happen, and one of which most is dead."""
    seen: list[Graph] = []
    for name, effects in MODES.items():
        graph = with_effects(literal, effects)
        if graph not in seen:
            seen.append(graph)
            yield name, graph
    yield "first output", replace(literal, outputs=literal.outputs[:1])
