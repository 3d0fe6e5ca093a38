"""The random programs that the proof is held to, by seed, and the graphs that are made of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from random import Random

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import Graph
from rl2graph.ir.op import Effect
from rl2graph.ir.slots import EFFECTS, with_effects
from rl2graph.testing.generation.programs import DEFAULT, PLAIN, Program, ProgramOptions, random_program
from tests.proof.sharing import sharing_program

REPEATING = ProgramOptions(
    statements=(6, 20),
    kinds=tuple(
        (kind, weight * (4 if kind in ("duplicate", "call", "gradient", "module") else 1))
        for kind, weight in DEFAULT.kinds
    ),
)
"""Programs in which much is said twice."""

UNSTABLE = ProgramOptions(statements=(3, 20), unstable=True)

MODES: Mapping[str, Collection[Effect]] = {"model": tuple(Effect), **EFFECTS}
"""The effects that happen in the mode of an entry; all of them in a spec's own graph."""


def program_of(seed: int, run: bool = True) -> Program:
    """The program of a seed; one that is not `run` may have ops that amplify small differences."""
    if seed % 2:
        return sharing_program(seed)
    options = (DEFAULT, REPEATING, DEFAULT if run else UNSTABLE, PLAIN)[seed // 2 % 4]
    return random_program(seed, options)


def literal_of(program: Program) -> Graph:
    """The literal graph of a program."""
    analysis = analyse(parse(program.text), Interface(program.observation, program.action))
    if analysis.graph is None:
        raise AssertionError(f"a random program has errors: {analysis.diagnostics[0].message}")
    return analysis.graph


def graphs_of(literal: Graph, seed: int) -> Iterator[tuple[str, Graph]]:
    """The graphs of a program that the passes are tried on: its own, and one of an entry's modes."""
    yield "model", literal
    mode = Random(seed).choice(("evaluate", "collect", "train"))
    moved = with_effects(literal, MODES[mode])
    if moved is not literal:
        yield mode, moved
