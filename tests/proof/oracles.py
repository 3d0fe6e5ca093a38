"""Oracles of the compiler's passes. Each gives what is wrong, as texts: none where nothing is.

`graph_oracle` reads graphs alone and imports no torch; the others run what was compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rl2graph.compiler.passes.base import GONE
from rl2graph.compiler.pipeline import LEVELS, PassReport, landing
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.canonical import canonical_form
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.verify import verify
from tests.proof import laws
from tests.proof.meaning import Meaning, meaning

if TYPE_CHECKING:
    from rl2graph.testing.generation.programs import Program
    from tests.proof.fingerprints import Fingerprints
    from tests.proof.running import Counts


def graph_oracle(literal: Graph, reports: Sequence[PassReport], thorough: bool = True) -> list[str]:
    """What is wrong with what the passes made of a graph; `reports` are those of `optimise` or `run_passes`.

    Together the passes may do what the laws say, have to do all of it, and nothing else; and they find
    nothing more to do in their result. A `thorough` look holds each pass to its own law, too (as one does
    that found a fault, to say whose it is), sends the result through its text and networkx, and holds
    canonical forms to each other.
    """
    graph, faults = literal, []
    for report in reports:
        if report.before is not graph:
            faults.append(f"{report.name} was given another graph than the pass before it left")
        if _lost(report):
            return [*faults, f"{report.name}: it does not say where each node went"]
        graph = report.after
    number = [landing(reports, index) for index in range(len(literal.nodes))]
    faults += rewrite_faults(literal, graph, number, {laws.LAWS[report.name] for report in reports})
    faults += _remark_faults(reports)
    if thorough or faults:
        for report in reports:
            found = rewrite_faults(report.before, report.after, report.number, {laws.LAWS[report.name]})
            faults += [f"{report.name}: {fault}" for fault in found]
            faults += _broken(report.after)
    if not faults:
        faults += _stability_faults(graph, reports)
        faults += _exchange_faults(graph, reports) if thorough else ()
    return faults


def fingerprint_oracle(literal: Graph, reports: Sequence[PassReport], seed: int) -> Fingerprints:
    """As `tests.proof.fingerprints.fingerprints`."""
    from tests.proof.fingerprints import fingerprints

    return fingerprints(literal, reports, seed)


def run_oracle(program: Program, seed: int) -> Counts:
    """As `tests.proof.running.run_program`."""
    from tests.proof.running import run_program

    return run_program(program, seed)


def rewrite_faults(
    before: Graph, after: Graph, number: Sequence[int], under: Collection[str]
) -> Iterator[str]:
    """Where a rewrite is not exactly what these laws make of a graph; `number` says where each node went."""
    if len(number) != len(before.nodes) or any(not GONE <= place < len(after.nodes) for place in number):
        yield "it does not say where each node went"
        return
    wanted = meaning(before, under)
    yield from _partition_faults(before, number, wanted)
    yield from _image_faults(before, after, number, wanted, laws.SPELLING in under)
    yield from _frame_faults(before, after, number)


def _partition_faults(before: Graph, number: Sequence[int], wanted: Meaning) -> Iterator[str]:
    """Nodes that are one and should be two, or the other way round."""
    place_of: dict[int, int] = {}
    class_at: dict[int, int] = {}
    for index, place in enumerate(number):
        first = wanted.classes[index]
        if not wanted.live[index]:
            if place != GONE:
                yield f"{_shown(before, index)} is needed by no output, and stays"
            continue
        if place == GONE:
            yield f"{_shown(before, index)} is gone, and an output needs it"
            continue
        if place_of.setdefault(first, place) != place:
            yield f"{_shown(before, first)} and {_shown(before, index)} are one computation, and stay two"
        if class_at.setdefault(place, first) != first:
            other = class_at[place]
            yield f"{_shown(before, other)} and {_shown(before, index)} are two computations, and are merged"


def _image_faults(
    before: Graph, after: Graph, number: Sequence[int], wanted: Meaning, respelling: bool
) -> Iterator[str]:
    """Nodes that became another one than they mean, and nodes that come from nowhere."""
    reached = [False] * len(after.nodes)
    for index, place in enumerate(number):
        if place == GONE:
            continue
        reached[place] = True
        old, new = wanted.spelt[index], after.nodes[place]
        if wanted.stands[index] != index:
            if old.type != new.type:
                yield f"{_shown(before, index)} becomes {_shown(after, place)}, which is {new.type}"
            continue
        if respelling:
            new = laws.spelt(after, new)
        reads = tuple([number[operand] for operand in old.operands])
        if not (same_node(old, new) and reads == new.operands):
            yield f"{_shown(before, index)} becomes {_shown(after, place)} over {new.operands}, not {reads}"
    for place, known in enumerate(reached):
        if not known:
            yield f"{_shown(after, place)} comes from no node"


def _frame_faults(before: Graph, after: Graph, number: Sequence[int]) -> Iterator[str]:
    """Outputs, owners, and the order of states, draws and statistics."""
    if [(o.name, o.role) for o in after.outputs] != [(o.name, o.role) for o in before.outputs]:
        yield "the outputs have other names, roles or another order"
    elif [o.node for o in after.outputs] != [number[o.node] for o in before.outputs]:
        yield "an output gives another node"
    if after.owners != before.owners:
        yield "the owners are others"
    for what in ("evaluation", "slot"):
        old = [getattr(n, what) for n, place in zip(before.nodes, number, strict=True) if place != GONE]
        new = [getattr(node, what) for node in after.nodes]
        if list(dict.fromkeys(old)) != list(dict.fromkeys(new)):
            yield f"the order of each {what} is another"
    if before.provenance and len(after.provenance) == len(after.nodes):
        came = {(place, id(before.provenance[index])) for index, place in enumerate(number)}
        for place, origin in enumerate(after.provenance):
            if (place, id(origin)) not in came:
                yield f"{_shown(after, place)} has the provenance of another node"
    elif before.provenance:
        yield "provenance is lost"


def same_node(one: Node, other: Node) -> bool:
    """Whether two nodes are equal but for their operands, attributes by their bits."""
    return (
        (one.op, one.type, one.owner, one.version, one.evaluation, one.slot)
        == (other.op, other.type, other.owner, other.version, other.evaluation, other.slot)
    ) and laws.same_attributes(one, other)


def same_graph(one: Graph, other: Graph) -> bool:
    """Whether two graphs are equal, attributes by their bits (`==` takes 0.0 for -0.0)."""
    return (
        one.outputs == other.outputs
        and one.owners == other.owners
        and len(one.nodes) == len(other.nodes)
        and all(
            a.operands == b.operands and same_node(a, b) for a, b in zip(one.nodes, other.nodes, strict=True)
        )
    )


def slot_faults(graph: Graph) -> Iterator[str]:
    """Calls of a recurrent op that are one computation and have two states, or the other way round."""
    carrying = [index for index, node in enumerate(graph.nodes) if node.spec.has_state]
    if not carrying:
        return
    nodes = tuple(replace(n, slot=None) if n.spec.has_state else n for n in graph.nodes)
    classes = meaning(Graph(nodes, graph.outputs, graph.owners), {laws.MERGING}).classes
    slots: dict[int, str | None] = {}
    calls: dict[str | None, int] = {}
    for index in carrying:
        first, slot = classes[index], graph.nodes[index].slot
        if slots.setdefault(first, slot) != slot:
            pair = f"{_shown(graph, first)} and {_shown(graph, index)}"
            yield f"{pair} are one computation, and have two states"
        if calls.setdefault(slot, first) != first:
            yield f"{_shown(graph, calls[slot])} and {_shown(graph, index)} share a state, and are two"


def _broken(graph: Graph) -> list[str]:
    """What the verifier says of a graph."""
    try:
        verify(graph, "the oracle")
    except DiagnosticError as broken:
        return [broken.diagnostics[0].message]
    return []


def _lost(report: PassReport) -> bool:
    """Whether a pass does not say where each node went."""
    places = range(GONE, len(report.after.nodes))
    return len(report.number) != len(report.before.nodes) or any(n not in places for n in report.number)


def _remark_faults(reports: Sequence[PassReport]) -> Iterator[str]:
    """Remarks that say what did not happen, or leave out what did."""
    for report in reports:
        removed = len(report.before.nodes) - len(report.after.nodes)
        told = 0
        for remark in report.remarks:
            first, *others = [report.number[node] for node in remark.nodes]
            if remark.kind in ("merged", "inlined", "folded"):
                told += 1
                if others != [first]:
                    yield f"{report.name}: a remark says {remark.kind} of {remark.nodes}, which are two"
            elif remark.kind == "pruned":
                told += len(remark.nodes)
            elif remark.kind == "kept apart" and others == [first]:
                yield f"{report.name}: a remark says that {remark.nodes} are apart"
        if told != removed:
            yield f"{report.name}: {removed} nodes went away, the remarks tell of {told}"
        if evaluations(report.after) > evaluations(report.before):
            yield f"{report.name}: there are more evaluations than before"


def evaluations(graph: Graph) -> int:
    """Nodes that compute something."""
    return sum(node.op not in ("input", "constant") for node in graph.nodes)


def _stability_faults(graph: Graph, reports: Sequence[PassReport]) -> Iterator[str]:
    """What the passes of a level find to do in their own result."""
    if tuple(report.name for report in reports) == tuple(step.name for step in LEVELS[1]):
        for step in LEVELS[1]:
            after = step.run(graph).graph
            if after is not graph and not same_graph(after, graph):
                yield f"{step.name} finds more to do when all are done"


def _exchange_faults(graph: Graph, reports: Sequence[PassReport]) -> Iterator[str]:
    """The result through its text and networkx, and its canonical form before and after merging."""
    text = graph.to_text()
    back = Graph.from_text(text)
    if not same_graph(back, graph):
        yield "its text reads as another graph"
    elif back.to_text() != text:
        yield "its text, read and written, is another text"
    if not same_graph(Graph.from_networkx(graph.to_networkx()), graph):
        yield "networkx gives another graph back"
    form = canonical_form(graph)
    for report in reports:
        if laws.LAWS.get(report.name) in (laws.MERGING, laws.DROPPING):
            if canonical_form(report.before) != form:
                yield f"{report.name}: the canonical form is another"
            break


def _shown(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    given: Any = ", ".join(f"{name}={value!r}" for name, value in node.attributes)
    return f"%{index} {node.op}({given})"
