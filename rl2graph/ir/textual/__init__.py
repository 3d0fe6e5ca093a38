"""Graphs as text, one line a node, and back without loss; docs/passes.md describes the form."""

from rl2graph.ir.textual.reader import read
from rl2graph.ir.textual.writer import write

__all__ = ["read", "write"]
