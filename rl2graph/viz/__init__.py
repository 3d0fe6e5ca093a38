"""Pictures of graphs, as text, Mermaid, DOT, SVG and JSON. Nothing here imports torch."""

from rl2graph.viz.rendering import FORMATS, VIEWS, Format, View, render

__all__ = ["FORMATS", "VIEWS", "Format", "View", "render"]
