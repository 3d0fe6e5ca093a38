"""Where a node comes from: carried beside the graph, read by diagnostics, code and pictures."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.diagnostics import Span
from rl2graph.frozen import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Provenance:
    """`name`: what a reader calls the value (`e`, `e.relu`); `span`: the text that it comes from."""

    name: str
    span: Span | None = None
