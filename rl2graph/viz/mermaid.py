"""Drawings as Mermaid flowcharts, which GitHub and many editors show."""

from __future__ import annotations

import re
from collections import Counter

from rl2graph.viz.drawing import Box, Drawing, Kind, draw
from rl2graph.viz.palette import EDGE, INK, KINDS, OUTPUT, halo_colour
from rl2graph.viz.panels import Panel

_SHAPES: dict[Kind, tuple[str, str]] = {
    "input": ("([", "])"),
    "weights": ("[", "]"),
    "pure": ("(", ")"),
    "detach": ("{{", "}}"),
    "unresolved": ("[", "]"),
}


def write(panels: tuple[Panel, ...], title: str) -> str:
    """A flowchart with a subgraph for each panel."""
    lines = ["---", f'title: "{_plain(title)}"', "---"] if title else []
    # Unlinked subgraphs stand in no order that could be relied on; a link, unseen, puts them left to right.
    lines.append("flowchart LR" if len(panels) > 1 else "flowchart TD")
    classes: dict[str, list[str]] = {}
    dashed: list[int] = []
    edges = 0
    for panel in panels:
        drawing = draw(panel)
        lines.append(f'  subgraph {panel.phase}["{_escape(panel.heading)}"]')
        lines.append("    direction TB")
        lines += [f"    {_node(panel, index, box, classes)}" for index, box in enumerate(drawing.boxes)]
        lines += [f"    {arrow}" for arrow in _arrows(drawing)]
        dashed += [edges + index for index, edge in enumerate(drawing.edges) if edge.stopped]
        edges += len(drawing.edges)
        lines.append("  end")
    phases = [panel.phase for panel in panels]
    if len(phases) > 1:
        lines.append(f"  {' ~~~ '.join(phases)}")
    lines += [f"  {line}" for line in _definitions(classes)]
    lines += [f"  classDef panel fill:none,stroke:{EDGE}", f"  class {','.join(phases)} panel"]
    if dashed:
        lines.append(f"  linkStyle {','.join(map(str, dashed))} stroke-dasharray:5 4")
    return "\n".join(lines) + "\n"


def _node(panel: Panel, index: int, box: Box, classes: dict[str, list[str]]) -> str:
    name = _id(panel, index)
    classes.setdefault(box.kind, []).append(name)
    if box.outputs:
        classes.setdefault("output", []).append(name)
    if colour := halo_colour(box):
        classes.setdefault(f"shared_{colour[1:]}", []).append(name)
    opening, closing = ("[[", "]]") if box.outputs else _SHAPES[box.kind]
    lines = [f"<b>{_escape(box.title)}</b>"]
    if box.kind != "input" or len(box.steps) > 1:
        lines.append(_escape(" · ".join(box.steps)))
    lines.append(_escape(" · ".join(fact for fact in box.facts if fact)))
    lines += [f"<i>{_escape(label)}</i>" for label in (*box.outputs, *([box.badge] if box.badge else []))]
    return f'{name}{opening}"{"<br/>".join(lines)}"{closing}'


def _arrows(drawing: Drawing) -> list[str]:
    arrivals = Counter(edge.target for edge in drawing.edges)
    arrows = []
    for edge in drawing.edges:
        place = f"|{edge.operand}|" if arrivals[edge.target] > 1 else ""
        arrow = "-.->" if edge.stopped else "-->"
        ends = _id(drawing.panel, edge.source), _id(drawing.panel, edge.target)
        arrows.append(f"{ends[0]} {arrow}{place} {ends[1]}")
    return arrows


def _id(panel: Panel, index: int) -> str:
    """An id of our own: names may hold anything, and `end` alone breaks a flowchart."""
    return f"{panel.phase[0]}{index}"


def _definitions(classes: dict[str, list[str]]) -> list[str]:
    styles: dict[str, str] = {}
    for kind, paint in KINDS.items():
        dash = f",stroke-dasharray:{paint.dash}" if paint.dash else ""
        styles[kind] = f"fill:{paint.fill},stroke:{paint.stroke},color:{INK}{dash}"
    styles["output"] = f"stroke:{OUTPUT},stroke-width:2px"
    lines = []
    for name in (*KINDS, "output", *sorted(classes.keys() - KINDS.keys() - {"output"})):
        if name in classes:
            style = styles.get(name, f"stroke:#{name[-6:]},stroke-width:4px")
            lines += [f"classDef {name} {style}", f"class {','.join(classes[name])} {name}"]
    return lines


def _escape(text: str) -> str:
    """Text inside quotes: Mermaid's entities for what it, HTML or Markdown would take for syntax."""
    return re.sub(r"[^\w\s.,:;()/\[\]{}+·→?…=%-]", lambda match: f"#{ord(match[0])};", text)


def _plain(text: str) -> str:
    """Text inside a quoted YAML string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
