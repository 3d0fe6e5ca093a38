"""Colours. Kinds differ by outline as well; fills are light with dark text and what lies outside boxes is of
middle brightness, so that a picture without a background reads on white and on black.

Hues are from Okabe and Ito's palette for colour-blind readers, darkened where white text stands on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.viz.drawing import Box, Kind

INK = "#1b1f24"
FADED = "#4a525b"
OUTSIDE = "#757c85"
EDGE = "#7f868f"
OUTPUT = "#00664a"


@dataclass(frozen=True, slots=True)
class Paint:
    """How a kind of box looks; `dash` is empty for an unbroken outline."""

    fill: str
    stroke: str
    dash: str
    legend: str


KINDS: dict[Kind, Paint] = {
    "input": Paint("#e6e8eb", "#57606a", "", "input"),
    "weights": Paint("#d8eafa", "#0067a3", "", "owns weights"),
    "pure": Paint("#ffffff", "#6e7781", "", "no weights"),
    "detach": Paint("#fdf0c8", "#8a6100", "5 3", "detach"),
    "unresolved": Paint("#f0ebf8", "#6e5494", "2 3", "decided by the spaces"),
}

SHARED = ("#b84300", "#8a3b8f", "#6b5500", "#9c2a4a")
TRUNK = "#0f6f6f"


def shared_colour(group: int) -> str:
    """The colour of a group of shared boxes; groups beyond the fourth take the colours again."""
    return SHARED[group % len(SHARED)]


def halo_colour(box: Box) -> str:
    """The colour around a box; empty where nothing of it is shared."""
    if box.group is not None:
        return shared_colour(box.group)
    return TRUNK if box.trunk else ""
