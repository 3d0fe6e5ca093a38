"""What the marks mean; only those that a picture has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rl2graph.viz.drawing import Drawing
from rl2graph.viz.figures import SIZES
from rl2graph.viz.labels import printable, shorten
from rl2graph.viz.metrics import mono_width, sans_width
from rl2graph.viz.palette import EDGE, KINDS, OUTPUT, SHARED, TRUNK, shared_colour
from rl2graph.viz.shapes import halo, outline
from rl2graph.viz.xml import element, escape, number

_SIZE = 12.0
_ROW = 26.0
_SWATCH = 30.0
_GAP = 14.0


@dataclass(frozen=True, slots=True)
class Legend:
    """Markup from its own upper left corner, and its size."""

    markup: str
    width: float
    height: float


def legend(drawings: Sequence[Drawing], width: float) -> Legend:
    """The marks of all drawings, in rows of at most `width`, or of one entry where that is wider."""
    parts: list[str] = []
    x, y, widest = 0.0, 0.0, 0.0
    for swatch, taken, text in _entries(drawings):
        needed = taken + 9 + sans_width(text, _SIZE)
        if x and x + needed > width:
            x, y = 0.0, y + _ROW
        words = element("text", escape(text), class_="sans", font_size=_SIZE, x=taken + 9, y=13)
        parts.append(f'<g transform="translate({number(x)} {number(y)})">{swatch}{words}</g>')
        x += needed + _GAP
        widest = max(widest, x - _GAP)
    return Legend("".join(parts), widest, y + _ROW - 8)


def _entries(drawings: Sequence[Drawing]) -> Iterator[tuple[str, float, str]]:
    """Each mark as markup 18 high, its width, and its meaning."""
    boxes = [box for drawing in drawings for box in drawing.boxes]
    for kind, paint in KINDS.items():
        if any(box.kind == kind for box in boxes):
            yield outline(_SWATCH, 18, kind, False), _SWATCH, paint.legend
    if any(box.outputs for box in boxes):
        yield element("rect", width=_SWATCH, height=18, rx=3, fill=OUTPUT), _SWATCH, "output"
    if any(edge.stopped for drawing in drawings for edge in drawing.edges):
        line = element(
            "path", d="M0 9h30", stroke=EDGE, stroke_width=1.5, stroke_dasharray="5 4", fill="none"
        )
        yield line, _SWATCH, "no gradient flows back"
    groups = drawings[0].panel.sharing.groups
    drawn = {box.group for box in boxes}
    for start, colour in enumerate(SHARED):
        names = [groups[group] for group in range(start, len(groups), len(SHARED)) if group in drawn]
        if names:
            yield _halo(colour), _SWATCH, f"{_enumerated(names)}, used several times"
    if any(box.trunk for box in boxes):
        yield _halo(TRUNK), _SWATCH, "read by several outputs"
    merges = {drawing.panel.phase: _merged(drawing) for drawing in drawings}
    if times := merges.get("before"):
        written = "twice" if times == 2 else f"{times} times"
        yield *_pill(f"1 of {times}"), f"one computation, written {written}"
    if times := merges.get("after"):
        yield *_pill(f"once for {times}"), "computed once instead"


def _merged(drawing: Drawing) -> int:
    """How often the first computation that merges is written; 0 where none does."""
    sharing = drawing.panel.sharing
    lasts = [box.nodes[-1] for box in drawing.boxes if box.badge]
    return next((sharing.written[node] for node in lasts if sharing.merged(node)), 0)


def _enumerated(names: list[str]) -> str:
    """The first two names, and how many more there are."""
    shown = ", ".join(shorten(printable(name), 24) for name in names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown


def _halo(colour: str) -> str:
    return f'<g transform="translate(4 4)">{halo(_SWATCH - 8, 10, "weights", colour)}</g>'


def _pill(text: str) -> tuple[str, float]:
    width = mono_width(text, SIZES["badge"]) + 12
    fill = element("rect", y=1, width=width, height=16, rx=8, fill=shared_colour(0))
    words = element("text", text, class_="badge", font_size=SIZES["badge"], x=6, y=13)
    return fill + words, width
