"""Runs of seeds through the oracles: what they found, and how much they looked at."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from rl2graph.collector import collector_paused
from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.pipeline import PassReport, optimise
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import with_effects
from tests.proof.oracles import graph_oracle, slot_faults
from tests.proof.sources import MODES, graphs_of, literal_of, program_of
from tests.proof.steps import composition_faults
from tests.proof.terms import Terms

THOROUGH = 20
"""Of how many programs one is looked at thoroughly."""


@dataclass(slots=True)
class Found:
    """What a run of seeds came to: seeds and reasons of failures, counts of what was looked at, seconds."""

    failures: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def run_chunk(stage: str, first: int, count: int) -> Found:
    """The seeds `first` to `first + count - 1` through one stage; a failure stops nothing."""
    found = Found()
    start = time.process_time()
    with collector_paused():
        for seed in range(first, first + count):
            try:
                faults = [*STAGES[stage](seed, found.counts)]
            except Exception:
                faults = [traceback.format_exc(limit=-3)]
            found.counts["programs"] += 1
            if faults:
                found.failures.append({"seed": seed, "reasons": faults[:5]})
    found.seconds = time.process_time() - start
    return found


def graph_stage(seed: int, counts: Counter[str]) -> Iterator[str]:
    """A program's literal graph, one of its modes and a random entry point; imports no torch."""
    literal = literal_of(program_of(seed, run=False))
    random = Random(seed)
    yield from (f"slots: {fault}" for fault in slot_faults(literal))
    terms = Terms(literal, random).entry()
    composed = compose(literal, terms)
    yield from (f"slots of the entry: {fault}" for fault in slot_faults(composed))
    mode = random.choice(tuple(MODES))
    entry = with_effects(composed, MODES[mode])
    yield from composition_faults(literal, terms, entry, MODES[mode])
    counts["evaluations of entries that act"] += sum(node.evaluation is not None for node in entry.nodes)
    graphs = [*graphs_of(literal, seed), (f"entry {mode}", entry)]
    for where, graph in graphs:
        _, reports = optimise(graph, 1)
        faults = graph_oracle(graph, reports, thorough=seed % THOROUGH == 0)
        _count(graph, reports, counts)
        yield from (f"{where}: {fault}" for fault in faults)


def _count(graph: Graph, reports: tuple[PassReport, ...], counts: Counter[str]) -> None:
    counts["graphs"] += 1
    counts["nodes"] += len(graph.nodes)
    counts["nodes after"] += len(reports[-1].after.nodes)
    for report in reports:
        for remark in report.remarks:
            counts[remark.kind] += len(remark.nodes) if remark.kind == "pruned" else 1


def executed_stage(seed: int, counts: Counter[str]) -> Iterator[str]:
    """A program's fingerprints; it, and a random entry point of it, run at both levels."""
    from tests.proof.fingerprints import fingerprints
    from tests.proof.running import run_entries, run_program

    program = program_of(seed)
    literal = literal_of(program)
    for where, graph in graphs_of(literal, seed):
        _, reports = optimise(graph, 1)
        marks = fingerprints(graph, reports, seed)
        counts["graphs"] += 1
        counts["nodes that merged"] += marks.merged
        counts["pairs equal by value alone"] += sum(marks.equal_alone.values())
        yield from (f"{where}, by value: {fault}" for fault in marks.faults)
    for run in (run_program, run_entries):
        found = run(program, seed)
        counts["products before"] += found.before
        counts["products after"] += found.after
        counts["forgiven"] += found.forgiven
        yield from (f"{run.__name__}: {fault}" for fault in found.faults)


def exported_stage(seed: int, counts: Counter[str]) -> Iterator[str]:
    """A program's exported program."""
    from tests.proof.outside import run_exported

    yield from run_exported(program_of(seed), seed)


def compiled_stage(seed: int, counts: Counter[str]) -> Iterator[str]:
    """A program under torch.compile."""
    from tests.proof.outside import run_compiled

    yield from run_compiled(program_of(seed), seed)


STAGES: dict[str, Callable[[int, Counter[str]], Iterator[str]]] = {
    "graph": graph_stage,
    "executed": executed_stage,
    "exported": exported_stage,
    "compiled": compiled_stage,
}
