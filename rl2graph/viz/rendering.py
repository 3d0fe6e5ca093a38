"""The one entrance: two graphs in, the text of a picture out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from rl2graph.ir.graph import Graph
from rl2graph.viz import data, dot, mermaid, svg, text
from rl2graph.viz.labels import printable
from rl2graph.viz.panels import Panel, panels
from rl2graph.viz.panels import View as View

Format = Literal["txt", "mmd", "dot", "svg", "json"]

FORMATS: tuple[Format, ...] = get_args(Format)
"""What `render` writes; each is also the suffix of such a file."""

VIEWS: tuple[View, ...] = get_args(View)
"""`before`: one box per evaluation as written; `after`: deduplicated; `both`: side by side."""

_WRITERS: Mapping[Format, Callable[[tuple[Panel, ...], str], str]] = {
    "txt": text.write,
    "mmd": mermaid.write,
    "dot": dot.write,
    "svg": svg.write,
    "json": data.write,
}


def render(
    before: Graph, after: Graph, *, format: Format = "svg", view: View = "both", title: str = ""
) -> str:
    """The picture of a spec's graph, ending in a newline.

    Args:
        before: the literal graph, one node per evaluation (`Analysis.graph`).
        after: what the passes made of it; the same computations are recognised by what they compute.
        format: one of `FORMATS`.
        view: one of `VIEWS`.
        title: what the picture is of, such as the spec's path.

    Raises:
        ValueError: a format or view that does not exist.
    """
    if format not in FORMATS:
        raise ValueError(f"format {format!r} is not one of {', '.join(FORMATS)}")
    if view not in VIEWS:
        raise ValueError(f"view {view!r} is not one of {', '.join(VIEWS)}")
    return _WRITERS[format](panels(before, after, view), printable(title))
