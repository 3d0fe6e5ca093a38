"""Nodes by what they compute: the bytes of their values over several random weights and inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from rl2graph.backend.numerics import float64
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.compiler.passes.base import GONE
from rl2graph.compiler.pipeline import PassReport, landing
from rl2graph.ir.graph import Graph, Output
from tests.proof.draws import Draw, draw
from tests.proof.meaning import may_be_one

DRAWS = 3


@dataclass(slots=True)
class Fingerprints:
    """What the fingerprints of a graph and of what the passes made of it say.

    Attributes:
        faults: nodes of the result that are equal by value and may be one, and nodes that became another
            value; none where all is well.
        merged: how many nodes of the literal graph went into another.
        duplicates: pairs of nodes of the literal graph that may be one computation.
        equal_alone: pairs of nodes of the result that are equal by value, and are two computations: how many
            of each two ops.
    """

    faults: list[str] = field(default_factory=list)
    merged: int = 0
    duplicates: int = 0
    equal_alone: Counter[tuple[str, str]] = field(default_factory=Counter)


def fingerprints(literal: Graph, reports: Sequence[PassReport], seed: int) -> Fingerprints:
    """Hold a literal graph and the passes' result to their values, node by node, bit by bit."""
    result = reports[-1].after if reports else literal
    number = [landing(reports, index) for index in range(len(literal.nodes))]
    found = Fingerprints()
    drawn = [draw(literal, seed + k, edges=k == 1) for k in range(DRAWS)]
    before, after = (
        list(zip(*(values(graph, each) for each in drawn), strict=True)) for graph in (literal, result)
    )
    for index, place in enumerate(number):
        if place != GONE and before[index] != after[place]:
            found.faults.append(f"%{index} {literal.nodes[index].op} has another value than %{place} after")
    found.merged = sum(place != GONE for place in number) - len({*number} - {GONE})
    _count_duplicates(literal, before, found)
    same: dict[tuple[bytes, ...], list[int]] = {}
    for index, mark in enumerate(after):
        same.setdefault(mark, []).append(index)
    for group in same.values():
        for place, other in enumerate(group):
            for index in group[:place]:
                one, two = result.nodes[index], result.nodes[other]
                if may_be_one(one, two) and one.operands == two.operands:
                    found.faults.append(f"%{index} and %{other} {two.op} are one computation, and two nodes")
                else:
                    first, second = sorted((one.op, two.op))
                    found.equal_alone[first, second] += 1
    return found


def _count_duplicates(graph: Graph, marks: Sequence[tuple[bytes, ...]], found: Fingerprints) -> None:
    """Pairs that may be one, by operands of equal value; those whose values differ show a wrong law."""
    for other, two in enumerate(graph.nodes):
        for index, one in enumerate(graph.nodes[:other]):
            if may_be_one(one, two) and one.operands == two.operands:
                found.duplicates += 1
                if marks[index] != marks[other]:
                    found.faults.append(f"%{index} and %{other} may be one, and have two values")


def values(graph: Graph, drawn: Draw) -> list[bytes]:
    """The bytes of every node's value, of its shape and kind: what the reference interpreter gives."""
    every = tuple(Output(str(index), None, index) for index in range(len(graph.nodes)))
    watched = Graph(graph.nodes, every, graph.owners)
    with float64(), torch.no_grad():
        result = interpret(
            watched, drawn.inputs, drawn.weights, target=drawn.target, **_known(drawn.conditions)
        )
    return [_bytes(result[output.name]) for output in every]


def _known(conditions: Mapping[str, object]) -> dict[str, object]:
    return dict(conditions)


def _bytes(value: torch.Tensor) -> bytes:
    """By bits, but that a NaN is a NaN."""
    if value.is_floating_point():
        value = torch.where(value.isnan(), torch.nan, value)
    return repr((value.dtype, tuple(value.shape))).encode() + value.contiguous().numpy().tobytes()
