"""A box with its text set: what is to be written where, and how large the box must be for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rl2graph.viz.drawing import Box, Kind
from rl2graph.viz.metrics import mono_width

Style = Literal["title", "step", "fact", "badge", "output"]

SIZES: dict[Style, float] = {"title": 13.0, "step": 12.0, "fact": 11.0, "badge": 10.5, "output": 11.0}
MARGIN_X, MARGIN_Y = 12.0, 8.0
STRIPE = 6.0
STRIP = 19.0
BADGE_HEIGHT = 16.0
HALO_RIM = 6.0
_LINE = 1.38
_STEPS_WIDE = 36


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; x and baseline are measured from the box's upper left corner."""

    text: str
    style: Style
    x: float
    baseline: float

    @property
    def width(self) -> float:
        return mono_width(self.text, SIZES[self.style])


@dataclass(frozen=True, slots=True)
class Figure:
    """A box set in type.

    `badge_x` is where its badge begins, `strip_y` where the strip of outputs does; `rim` is the room that
    its halo takes on each side.
    """

    box: Box
    width: float
    height: float
    words: tuple[Words, ...]
    badge_x: float
    strip_y: float
    rim: float

    @property
    def room(self) -> tuple[float, float]:
        """Width and height with the rim."""
        return self.width + 2 * self.rim, self.height + 2 * self.rim


def figure(box: Box) -> Figure:
    """The box, just large enough for its text."""
    lines: list[tuple[str, Style]] = [(box.title, "title")]
    if box.kind != "input" or len(box.steps) > 1:
        lines += [(line, "step") for line in _wrapped(box.steps)]
    lines.append((" · ".join(fact for fact in box.facts if fact), "fact"))
    left = margin(box.kind)
    badge = mono_width(box.badge, SIZES["badge"]) + 12 if box.badge else 0.0
    needed = [mono_width(text, SIZES[style]) for text, style in lines]
    needed += [mono_width(label, SIZES["output"]) for label in box.outputs]
    needed[0] += badge + 12 if badge else 0
    width = max(84.0, round(left + max(needed) + (left if box.kind == "input" else MARGIN_X) + 0.5))
    words = []
    y: float = MARGIN_Y
    for text, style in lines:
        words.append(Words(text, style, left, round(y + SIZES[style], 1)))
        y += SIZES[style] * _LINE
    badge_x = width - 8 - badge
    if badge:
        words.append(Words(box.badge, "badge", badge_x + 6, MARGIN_Y + 11))
    strip_y = height = round(y + MARGIN_Y - 3.0, 0)
    for label in box.outputs:
        words.append(Words(label, "output", left, height + 13.5))
        height += STRIP
    rim = HALO_RIM if box.group is not None or box.trunk else 0.0
    return Figure(box, width, height, tuple(words), badge_x, strip_y, rim)


def margin(kind: Kind) -> float:
    """How far from the left edge the text of such a box begins."""
    return {"weights": MARGIN_X + STRIPE, "input": 20.0}.get(kind, MARGIN_X)


def _wrapped(steps: tuple[str, ...]) -> list[str]:
    """Steps joined into lines, each step whole."""
    lines: list[str] = []
    for step in steps:
        if lines and len(lines[-1]) + 3 + len(step) <= _STEPS_WIDE:
            lines[-1] = f"{lines[-1]} · {step}"
        else:
            lines.append(step)
    return lines
