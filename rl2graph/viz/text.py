"""Graphs as aligned listings for a terminal: one line per node, then the outputs."""

from __future__ import annotations

from collections.abc import Sequence

from rl2graph.viz.labels import call, carried, params, printable, shorten
from rl2graph.viz.metrics import columns
from rl2graph.viz.panels import Panel
from rl2graph.viz.sharing import node_name

# A cell longer than these does not widen its column for the other rows: it pushes the rest of its own aside.
_NODE_COLUMNS = (8, 32, 40, 20, 18, 16)
_OUTPUT_COLUMNS = (32, 8)


def write(panels: tuple[Panel, ...], title: str) -> str:
    """The listings of the panels, one below the other."""
    blocks = [[title]] if title else []
    blocks += [_listing(panel) for panel in panels]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _listing(panel: Panel) -> list[str]:
    lines = [f"{panel.heading} ({panel.summary})"]
    nodes = [_row(panel, index) for index in range(len(panel.graph.nodes))]
    lines += [f"  {row}" for row in _aligned(nodes, _NODE_COLUMNS)]
    outputs = [
        [
            f"output {printable(output.name)}",
            f"%{output.node}",
            f"role {output.role}" if output.role else "no role",
        ]
        for output in panel.graph.outputs
    ]
    return lines + [f"  {row}" for row in _aligned(outputs, _OUTPUT_COLUMNS)]


def _row(panel: Panel, index: int) -> list[str]:
    graph = panel.graph
    node = graph.nodes[index]
    return [
        f"%{index}",
        shorten(printable(node_name(graph, index)), 60),
        printable(call(node)),
        ", ".join(f"%{operand}" for operand in node.operands) or "-",
        str(node.type),
        " ".join(filter(None, (params(graph, node), carried(node)))),
        _mark(panel, index),
    ]


def _mark(panel: Panel, index: int) -> str:
    """What deduplication does to the node, or did."""
    sharing = panel.sharing
    node = panel.graph.nodes[index]
    if sharing.merged(index):
        if panel.phase == "after":
            return f"once for {sharing.written[index]}"
        same = f" = %{sharing.first[index]}" if sharing.ordinal[index] > 1 else ""
        return f"{sharing.ordinal[index]} of {sharing.written[index]}{same}"
    if sharing.again[index]:
        return "weights shared"
    return "gradient stops" if node.op == "detach" else ""


def _aligned(rows: Sequence[Sequence[str]], widest: Sequence[int]) -> list[str]:
    if not rows:
        return []
    widths = [
        max((columns(row[column]) for row in rows if columns(row[column]) <= most), default=0)
        for column, most in enumerate(widest)
    ]
    lines = []
    for row in rows:
        line, end = "", 0
        for column, cell in enumerate(row):
            line += " " * max(end - columns(line), 0) + cell
            end = (sum(widths[: column + 1]) + 2 * (column + 1)) if column < len(widths) else 0
            line += "  " if columns(line) + 2 > end else ""
        lines.append(line.rstrip())
    return lines
