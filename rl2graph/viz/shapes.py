"""Boxes and edges as SVG elements."""

from __future__ import annotations

from itertools import pairwise

from rl2graph.viz.drawing import Edge, Kind
from rl2graph.viz.figures import BADGE_HEIGHT, MARGIN_Y, SIZES, STRIPE, Figure
from rl2graph.viz.layout import Point, Rect
from rl2graph.viz.palette import KINDS, OUTPUT, halo_colour
from rl2graph.viz.xml import element, escape, number

CORNERS: dict[Kind, float] = {"input": 18.0, "weights": 3.0, "pure": 10.0, "detach": 10.0, "unresolved": 3.0}


def box_shape(figure: Figure, rect: Rect) -> str:
    """A box with its text, and a tooltip that tells all about its nodes."""
    box = figure.box
    parts = [element("title", escape("\n".join(box.details)))]
    if colour := halo_colour(box):
        parts.append(halo(figure.width, figure.height, box.kind, colour))
    parts.append(outline(figure.width, figure.height, box.kind, bool(box.outputs)))
    if box.outputs:
        parts.append(_strip(figure))
    if box.badge:
        width = figure.width - 8 - figure.badge_x
        parts.append(
            element(
                "rect",
                x=figure.badge_x,
                y=MARGIN_Y - 1,
                width=width,
                height=BADGE_HEIGHT,
                rx=8,
                fill=halo_colour(box),
            )
        )
    for words in figure.words:
        parts.append(
            element(
                "text",
                escape(words.text),
                class_=words.style,
                font_size=SIZES[words.style],
                x=words.x,
                y=words.baseline,
            )
        )
    nodes = " ".join(map(str, box.nodes))
    place = f"translate({number(rect.x + figure.rim)} {number(rect.y + figure.rim)})"
    return element("g", "".join(parts), class_=f"box {box.kind}", data_nodes=nodes, transform=place)


def outline(width: float, height: float, kind: Kind, output: bool) -> str:
    """The shape of a kind of box; an output has a heavier outline of its own colour."""
    paint, corner = KINDS[kind], CORNERS[kind]
    dash: dict[str, str | float] = {"stroke_dasharray": paint.dash} if paint.dash else {}
    shape = element(
        "rect", class_="outline", width=width, height=height, rx=corner, fill=paint.fill,
        stroke=OUTPUT if output else paint.stroke, stroke_width=2.2 if output else 1.4, **dash,
    )  # fmt: skip
    if kind == "weights":
        shape += element("rect", x=0.7, y=0.7, width=STRIPE, height=height - 1.4, rx=2, fill=paint.stroke)
    return shape


def halo(width: float, height: float, kind: Kind, colour: str) -> str:
    """The mark of what is shared, around a box."""
    return element(
        "rect", x=-4, y=-4, width=width + 8, height=height + 8, rx=CORNERS[kind] + 4, fill="none",
        stroke=colour, stroke_width=3,
    )  # fmt: skip


def _strip(figure: Figure) -> str:
    """The strip at the foot of an output."""
    bottom, width, corner = figure.height, figure.width, min(CORNERS[figure.box.kind], 10.0)
    path = (
        f"M0 {number(figure.strip_y)}H{number(width)}V{number(bottom - corner)}"
        f"a{number(corner)} {number(corner)} 0 0 1 {number(-corner)} {number(corner)}"
        f"H{number(corner)}a{number(corner)} {number(corner)} 0 0 1 {number(-corner)} {number(-corner)}Z"
    )
    return element("path", d=path, fill=OUTPUT)


def edge_shape(edge: Edge, route: tuple[Point, ...]) -> str:
    """A smooth line down the route, and an arrow's head at its end."""
    x, y = route[-1]
    commands = [f"M{_at(route[0])}"]
    for index, (before, after) in enumerate(pairwise(route)):
        straight = index % 2 == 0 or abs(before[0] - after[0]) < 0.01
        # The last stretch ends above the arrow's tip, or the line would show beside it.
        end = (after[0], after[1] - 5) if index >= len(route) - 3 and after == (x, y) else after
        if index == len(route) - 2:
            continue
        if straight:
            if before != after:
                commands.append(f"L{_at(end)}")
        else:
            middle = (before[1] + end[1]) / 2
            commands.append(f"C{_at((before[0], middle))} {_at((end[0], middle))} {_at(end)}")
    dash: dict[str, str | float] = {"stroke_dasharray": "5 4"} if edge.stopped else {}
    line = element(
        "path", class_="edge", d="".join(commands), data_from=edge.source, data_to=edge.target,
        data_operand=edge.operand, **dash,
    )  # fmt: skip
    tip = number(x), number(y)
    return line + element("path", class_="arrow", d=f"M{tip[0]} {tip[1]}l-4.5 -8h9z")


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
