"""Random programs for tests that take one observation, and nothing else: `rl2graph.testing` has the rest."""

from __future__ import annotations

from rl2graph.testing import PLAIN, Program
from rl2graph.testing import random_program as any_program


def random_program(seed: int, statements: int | None = None) -> Program:
    return any_program(seed, PLAIN, statements)
