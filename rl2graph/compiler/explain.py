"""Why two values of a spec are one computation, or are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rl2graph.compiler.passes.dedup import DEDUP
from rl2graph.compiler.passes.wording import shown, why_apart
from rl2graph.compiler.pipeline import LEVELS, PassReport, landing, run_passes
from rl2graph.diagnostics import DiagnosticError, Span, did_you_mean
from rl2graph.diagnostics.render import place
from rl2graph.ir.graph import Graph, Node, computation
from rl2graph.ir.numbering import numbered
from rl2graph.ir.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether two values are one, why in a line a step, and the texts where they part (or of the two)."""

    merged: bool
    lines: tuple[str, ...]
    spans: tuple[Span | None, Span | None]

    def __str__(self) -> str:
        first, *more = self.lines
        return "\n".join([first, *(f"  {line}" for line in more)])

    def to_json(self) -> dict[str, Any]:
        """A stable, JSON-ready form."""
        return {"merged": self.merged, "lines": list(self.lines), "places": list(map(place, self.spans))}


def explain_merge(graph: Graph, one: str, other: str, values: Mapping[str, int] | None = None) -> Explanation:
    """Why `dedup`, which -O0 does not run, makes one evaluation of two values, or keeps two.

    Args:
        graph: a spec's literal graph.
        one, other: what a value is called (`pi.dense`, an output), or its number in the literal graph (`%3`).
            Where several are called so, `one` is the first and `other` the last.
        values: further names of nodes, such as those of bindings.

    Raises:
        DiagnosticError: RLG201 for a name that no value has.
    """
    names = _Names(graph, values or {})
    first, second = names.find(one, 0), names.find(other, -1)
    before_dedup = LEVELS[1][: LEVELS[1].index(DEDUP)]
    rewritten, reports = run_passes(graph, before_dedup)
    a, b = landing(reports, first), landing(reports, second)
    numbers = numbered(rewritten)
    literal = _origins(graph, reports)
    heading = f"{shown(graph, first)} and {shown(graph, second)}"
    others = [*names.others(one), *(names.others(other) if other != one else ())]
    passed_on = [
        f"{shown(graph, node)} gives the value of {shown(graph, literal[landed])}"
        for node, landed in ((first, a), (second, b))
        if literal[landed] != node
    ]
    if numbers[a] == numbers[b]:
        why = [f"{heading} are one computation", *others, *passed_on, *_shared(rewritten, a, b)]
        return Explanation(True, tuple(why), (_span(graph, first), _span(graph, second)))
    steps = list(_descent(rewritten, numbers, a, b))
    a, b = steps[-1]
    reasons = [
        f"they read {shown(graph, literal[x])} in one, {shown(graph, literal[y])} in the other"
        for x, y in steps[1:]
    ]
    last = why_apart(rewritten.nodes[a], rewritten.nodes[b])
    why = [f"{heading} are two computations", *others, *passed_on, *reasons, last]
    return Explanation(False, tuple(why), (_span(rewritten, a), _span(rewritten, b)))


@dataclass(slots=True)
class _Names:
    """Nodes by what they are called."""

    graph: Graph
    values: Mapping[str, int]
    known: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {}
        for index in range(len(self.graph.nodes)):
            place = self.graph.where(index)
            if isinstance(place, Provenance):
                self.known.setdefault(place.name, []).append(index)
        for name, index in (*self.values.items(), *((o.name, o.node) for o in self.graph.outputs)):
            self.known.setdefault(name, [index])

    def find(self, name: str, which: int) -> int:
        number = name.removeprefix("%")
        if name.startswith("%") and number.isdecimal() and int(number) < len(self.graph.nodes):
            return int(number)
        if name not in self.known:
            hint = did_you_mean(name, self.known) or "`--print-after lowering` lists the values"
            raise DiagnosticError.of("RLG201", f"no value is called `{name}`", hint=hint)
        return self.known[name][which]

    def others(self, name: str) -> Iterator[str]:
        """That several values are called so, where that is the case."""
        known = self.known.get(name, [])
        if len(known) > 1:
            yield f"{len(known)} values are called {name}: {', '.join(f'%{index}' for index in known)}"


def _descent(graph: Graph, numbers: Sequence[int], a: int, b: int) -> Iterator[tuple[int, int]]:
    """The pair, then the first operands that differ, and so on down to where something else does."""
    while True:
        yield a, b
        one, other = graph.nodes[a], graph.nodes[b]
        if not _alike(one, other):
            return
        pairs = zip(one.operands, other.operands, strict=True)
        different = [(x, y) for x, y in pairs if numbers[x] != numbers[y]]
        in_another_order = sorted(numbers[x] for x in one.operands) == sorted(
            numbers[y] for y in other.operands
        )
        if not different or in_another_order:
            return
        a, b = different[0]


def _alike(one: Node, other: Node) -> bool:
    """Whether nothing but operands, and the slots that follow from them, tells two nodes apart."""
    same = computation(one, ()) == computation(replace(other, slot=one.slot), ())
    return same and len(one.operands) == len(other.operands)


def _shared(graph: Graph, a: int, b: int) -> list[str]:
    if a == b:
        return []
    node = graph.nodes[a]
    weights = f", weights of {node.owner} ({node.version})" if node.owner else ""
    return [f"both are {node.op} with equal attributes{weights} over the same operands"]


def _origins(graph: Graph, reports: Sequence[PassReport]) -> dict[int, int]:
    """For each node after some passes, the first node of the graph before them that it stands for."""
    origins: dict[int, int] = {}
    for node in range(len(graph.nodes)):
        origins.setdefault(landing(reports, node), node)
    return origins


def _span(graph: Graph, node: int) -> Span | None:
    place = graph.where(node)
    return place.span if isinstance(place, Provenance) else None
