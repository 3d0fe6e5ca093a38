"""What is drawn, whatever the format: boxes and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rl2graph.ir.graph import Graph, Node
from rl2graph.viz.chains import chains
from rl2graph.viz.labels import SIGNS, call, carried, output_label, params, printable, short_op, shorten
from rl2graph.viz.panels import Panel
from rl2graph.viz.sharing import node_name

Kind = Literal["input", "weights", "pure", "detach", "unresolved"]

MAX_TITLE = 40
MAX_STEP = 44
MAX_BADGE = 26


@dataclass(frozen=True, slots=True)
class Box:
    """One or more nodes, each the only reader of the one before.

    Attributes:
        steps: the ops in short, in order.
        facts: the type of the box's value, and how many weights it owns.
        outputs: a label for each output that the last node is.
        badge: what is to be seen about its sharing; empty for most.
        group: index into the panel's groups, where the box is part of something used several times.
        trunk: whether several outputs depend on it, where it has no group.
        details: one line per node, in full.
    """

    nodes: tuple[int, ...]
    kind: Kind
    title: str
    steps: tuple[str, ...]
    facts: tuple[str, ...]
    outputs: tuple[str, ...]
    badge: str
    group: int | None
    trunk: bool
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """From the box of an operand to its user's; `operand` is the operand's place."""

    source: int
    target: int
    operand: int
    stopped: bool
    """No gradient flows back along it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A panel's boxes in topological order, and edges by target and operand."""

    panel: Panel
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def draw(panel: Panel) -> Drawing:
    """The drawing of a panel's graph."""
    graph = panel.graph
    groups = chains(graph, panel.sharing)
    box_of = {node: box for box, nodes in enumerate(groups) for node in nodes}
    fans_out = {operand for operand, users in enumerate(graph.users()) if len(set(users)) > 1}
    boxes = tuple(_box(panel, tuple(nodes), nodes[-1] in fans_out) for nodes in groups)
    edges = []
    for target, nodes in enumerate(groups):
        node = graph.nodes[nodes[0]]
        for place, operand in enumerate(node.operands):
            if operand in box_of:
                stopped = "detach" in (node.op, graph.nodes[operand].op)
                edges.append(Edge(box_of[operand], target, place, stopped))
    return Drawing(panel, boxes, tuple(edges))


def _box(panel: Panel, nodes: tuple[int, ...], fans_out: bool) -> Box:
    graph, sharing = panel.graph, panel.sharing
    first, last = graph.nodes[nodes[0]], nodes[-1]
    kind = _kind(first)
    groups = [sharing.group[node] for node in nodes if sharing.group[node] is not None]
    group = groups[0] if groups and kind != "input" else None
    return Box(
        nodes=nodes,
        kind=kind,
        title=shorten(printable(_title(graph, nodes)), MAX_TITLE),
        steps=tuple(shorten(printable(_step(graph, node)), MAX_STEP) for node in nodes),
        facts=_facts(panel, nodes),
        outputs=tuple(
            shorten(printable(output_label(o)), MAX_TITLE) for o in graph.outputs if o.node == last
        ),
        badge="" if kind == "input" else _badge(panel, last, fans_out),
        group=group,
        trunk=kind != "input" and group is None and len(sharing.readers[last]) > 1,
        details=tuple(printable(_detail(graph, node)) for node in nodes),
    )


def _kind(first: Node) -> Kind:
    if first.op == "input":
        return "input"
    if first.op == "detach":
        return "detach"
    if first.op == "unresolved":
        return "unresolved"
    return "pure" if first.owner is None else "weights"


def _title(graph: Graph, nodes: tuple[int, ...]) -> str:
    """The owner's path and, where the value has a name of the reader's own, that name too."""
    first, last = nodes[0], nodes[-1]
    value = node_name(graph, last)
    if graph.nodes[first].op == "input":
        return ".".join((graph.nodes[first].input_name, *graph.nodes[first].input_path))
    owner = graph.nodes[first].owner
    if owner is None or owner == value:
        return value
    given = not value.rpartition(".")[2].startswith(graph.nodes[last].op)
    return f"{owner} → {value}" if given else owner


def _step(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    numbers = [graph.nodes[operand].op == "constant" for operand in node.operands]
    if node.op in SIGNS and any(numbers):
        left, right = (
            short_op(graph.nodes[operand]) if number else "x"
            for operand, number in zip(node.operands, numbers, strict=True)
        )
        return f"{left} {SIGNS[node.op]} {right}"
    return short_op(node)


def _facts(panel: Panel, nodes: tuple[int, ...]) -> tuple[str, ...]:
    graph, sharing = panel.graph, panel.sharing
    first = graph.nodes[nodes[0]]
    type_ = str(graph.nodes[nodes[-1]].type)
    extra = filter(None, dict.fromkeys(carried(graph.nodes[node]) for node in nodes))
    if first.op == "input" and str(first.type) != type_:
        return f"{first.type} → {type_}", *extra
    weights = params(graph, first)
    if weights and sharing.again[nodes[0]]:
        weights = f"the same {weights}"
    return type_, weights, *extra


def _badge(panel: Panel, last: int, fans_out: bool) -> str:
    sharing = panel.sharing
    if sharing.merged(last):
        written = sharing.written[last]
        return f"{sharing.ordinal[last]} of {written}" if panel.phase == "before" else f"once for {written}"
    readers = sharing.readers[last]
    if fans_out and len(readers) > 1:
        names = printable(f"shared by {', '.join(readers)}")
        return names if len(names) <= MAX_BADGE else f"shared by {len(readers)} outputs"
    return ""


def _detail(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    operands = ", ".join(f"%{operand}" for operand in node.operands)
    return f"%{index} {node_name(graph, index)}: {call(node)} of ({operands}) is {node.type}"
