"""Rewrites of specs, as texts: those that keep the function, and those that change it."""

from __future__ import annotations

from rl2graph.testing.rewrites.base import Rewrite
from rl2graph.testing.rewrites.breaking import BREAKING
from rl2graph.testing.rewrites.preserving import PRESERVING

__all__ = ["BREAKING", "PRESERVING", "Rewrite"]
