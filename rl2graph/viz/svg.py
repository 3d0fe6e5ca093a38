"""Drawings as SVG: panels side by side over one legend, no background of their own."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.viz.drawing import Drawing, draw
from rl2graph.viz.figures import Figure, figure
from rl2graph.viz.layout import Layout, layout
from rl2graph.viz.legend import legend
from rl2graph.viz.metrics import MONO, SANS, sans_width
from rl2graph.viz.palette import EDGE, FADED, INK, OUTSIDE
from rl2graph.viz.panels import Panel
from rl2graph.viz.shapes import box_shape, edge_shape
from rl2graph.viz.xml import element, escape, number

PAGE = 16.0
PANEL_PAD = 20.0
HEADER = 54.0
GAP = 20.0
_HEADING, _SUMMARY, _TITLE = 16.0, 12.0, 15.0

_STYLE = f"""
text {{ font-family: {MONO}; fill: {INK}; white-space: pre; }}
.sans {{ font-family: {SANS}; fill: {OUTSIDE}; }}
.title, .badge, .output, .heading {{ font-weight: 600; }}
.fact {{ fill: {FADED}; }}
.badge, .output {{ fill: #fff; }}
.edge {{ fill: none; stroke: {EDGE}; stroke-width: 1.5; }}
.arrow {{ fill: {EDGE}; stroke: none; }}
"""


@dataclass(frozen=True, slots=True)
class _Page:
    """One panel, laid out."""

    drawing: Drawing
    figures: tuple[Figure, ...]
    layout: Layout

    @property
    def width(self) -> float:
        panel = self.drawing.panel
        heading = max(sans_width(panel.heading, _HEADING, bold=True), sans_width(panel.summary, _SUMMARY))
        return max(self.layout.width, heading) + 2 * PANEL_PAD

    @property
    def height(self) -> float:
        return HEADER + self.layout.height + 2 * PANEL_PAD


def write(panels: tuple[Panel, ...], title: str) -> str:
    """The SVG of the panels."""
    pages = [_page(panel) for panel in panels]
    top = PAGE + (30.0 if title else 0.0)
    tallest = max(page.height for page in pages)
    body: list[str] = []
    x = PAGE
    for page in pages:
        body.append(_panel(page, x, top, tallest))
        x += page.width + GAP
    key = legend([page.drawing for page in pages], x - GAP - PAGE)
    body.append(f'<g transform="translate({number(PAGE)} {number(top + tallest + 18)})">{key.markup}</g>')
    width = max(x - GAP, PAGE + key.width, PAGE + sans_width(title, _TITLE, bold=True)) + PAGE
    height = top + tallest + 18 + key.height + PAGE
    if title:
        body.insert(0, _sans(title, "heading", _TITLE, PAGE, PAGE + 14))
    headings = "; ".join(f"{panel.heading} ({panel.summary})" for panel in panels)
    size = f"{number(width)} {number(height)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{number(width)}" '
        f'height="{number(height)}" role="img" aria-labelledby="rl2-title rl2-desc">\n'
        f'<title id="rl2-title">{escape(title or "rl2graph")}</title>\n'
        f'<desc id="rl2-desc">{escape(headings)}</desc>\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _page(panel: Panel) -> _Page:
    drawing = draw(panel)
    figures = tuple(figure(box) for box in drawing.boxes)
    arcs = [(edge.source, edge.target) for edge in drawing.edges]
    return _Page(drawing, figures, layout([item.room for item in figures], arcs))


def _panel(page: _Page, x: float, y: float, height: float) -> str:
    panel = page.drawing.panel
    frame = element(
        "rect", width=page.width, height=height, rx=12, fill="#7f868f", fill_opacity=0.09,
        stroke="#7f868f", stroke_opacity=0.35,
    )  # fmt: skip
    parts = [
        frame,
        _sans(panel.heading, "heading", _HEADING, PANEL_PAD, PANEL_PAD + 12),
        _sans(panel.summary, "summary", _SUMMARY, PANEL_PAD, PANEL_PAD + 31),
    ]
    inside = (page.width - page.layout.width) / 2
    parts.append(f'<g transform="translate({number(inside)} {number(PANEL_PAD + HEADER)})">')
    # Dashed edges lie below: where edges share a trunk, that some of it carries gradients shows.
    routed = sorted(
        zip(page.drawing.edges, page.layout.routes, strict=True), key=lambda pair: not pair[0].stopped
    )
    parts += [edge_shape(edge, route) for edge, route in routed]
    parts += [box_shape(item, rect) for item, rect in zip(page.figures, page.layout.boxes, strict=True)]
    parts.append("</g>")
    inner = "\n".join(parts)
    return f'<g class="panel {panel.phase}" transform="translate({number(x)} {number(y)})">\n{inner}\n</g>'


def _sans(text: str, style: str, size: float, x: float, y: float) -> str:
    return element("text", escape(text), class_=f"sans {style}", font_size=size, x=x, y=y)
