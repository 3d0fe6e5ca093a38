"""The oracle: a plain interpreter of graphs, which shares nothing with emitted code."""

from rl2graph.backend.reference.evaluation import Evaluation, Semantics
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.backend.reference.semantics import SEMANTICS

__all__ = ["SEMANTICS", "Evaluation", "Semantics", "interpret"]
