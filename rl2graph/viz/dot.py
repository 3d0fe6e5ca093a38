"""Drawings in Graphviz's language."""

from __future__ import annotations

from rl2graph.viz.drawing import Box, Kind, draw
from rl2graph.viz.palette import EDGE, KINDS, OUTPUT, OUTSIDE, halo_colour
from rl2graph.viz.panels import Panel

_STYLES: dict[Kind, str] = {
    "input": "rounded,filled",
    "weights": "filled",
    "pure": "rounded,filled",
    "detach": "rounded,filled,dashed",
    "unresolved": "filled,dotted",
}


def write(panels: tuple[Panel, ...], title: str) -> str:
    """A digraph with a cluster for each panel."""
    lines = [
        "digraph rl2graph {",
        f"  graph [label={_quoted(title)}, labelloc=t, fontname=sans, fontcolor={_quoted(OUTSIDE)}];",
        "  node [shape=box, fontname=monospace, fontsize=11];",
        f"  edge [color={_quoted(EDGE)}];",
    ]
    for panel in panels:
        drawing = draw(panel)
        lines += [f"  subgraph cluster_{panel.phase} {{", f"    label={_quoted(panel.heading)};"]
        lines += [
            f"    {panel.phase}{index} [{_attributes(box)}];" for index, box in enumerate(drawing.boxes)
        ]
        for edge in drawing.edges:
            dashed = " [style=dashed]" if edge.stopped else ""
            lines.append(f"    {panel.phase}{edge.source} -> {panel.phase}{edge.target}{dashed};")
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(box: Box) -> str:
    steps = " · ".join(box.steps) if box.kind != "input" or len(box.steps) > 1 else ""
    facts = " · ".join(fact for fact in box.facts if fact)
    label = "\n".join(line for line in (box.title, steps, facts, *box.outputs, box.badge) if line)
    paint = KINDS[box.kind]
    stroke, width = (OUTPUT, 2.0) if box.outputs else (paint.stroke, 1.0)
    if colour := halo_colour(box):
        stroke, width = colour, 3.0
    peripheries = ", peripheries=2" if box.outputs else ""
    return (
        f"label={_quoted(label)}, style={_quoted(_STYLES[box.kind])}, fillcolor={_quoted(paint.fill)}, "
        f"color={_quoted(stroke)}, penwidth={width:g}{peripheries}"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
