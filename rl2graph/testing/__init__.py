"""Tests of specs: random programs, rewrites that keep or change what a spec means, and comparisons of specs.

`docs/testing.md` shows how to use it. Names load what they need when they are first used: programs,
strategies and rewrites import no torch.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.testing.confirmation import confirms_breaking as confirms_breaking
    from rl2graph.testing.equivalence import Agreement as Agreement
    from rl2graph.testing.equivalence import assert_equivalent as assert_equivalent
    from rl2graph.testing.generation.programs import PLAIN as PLAIN
    from rl2graph.testing.generation.programs import Program as Program
    from rl2graph.testing.generation.programs import ProgramOptions as ProgramOptions
    from rl2graph.testing.generation.programs import random_program as random_program
    from rl2graph.testing.generation.programs import random_programs as random_programs
    from rl2graph.testing.interpretation import interpreted as interpreted
    from rl2graph.testing.rewrites import BREAKING as BREAKING
    from rl2graph.testing.rewrites import PRESERVING as PRESERVING
    from rl2graph.testing.rewrites import Rewrite as Rewrite
    from rl2graph.testing.strategies import graphs as graphs
    from rl2graph.testing.strategies import programs as programs
    from rl2graph.testing.strategies import rewritten as rewritten
    from rl2graph.testing.strategies import spaces as spaces

_STRATEGIES = "rl2graph.testing.strategies"
_HOMES = {
    "BREAKING": "rl2graph.testing.rewrites",
    "Agreement": "rl2graph.testing.equivalence",
    "PLAIN": "rl2graph.testing.generation.programs",
    "PRESERVING": "rl2graph.testing.rewrites",
    "Program": "rl2graph.testing.generation.programs",
    "ProgramOptions": "rl2graph.testing.generation.programs",
    "Rewrite": "rl2graph.testing.rewrites",
    "assert_equivalent": "rl2graph.testing.equivalence",
    "confirms_breaking": "rl2graph.testing.confirmation",
    "graphs": _STRATEGIES,
    "interpreted": "rl2graph.testing.interpretation",
    "programs": _STRATEGIES,
    "random_program": "rl2graph.testing.generation.programs",
    "random_programs": "rl2graph.testing.generation.programs",
    "rewritten": _STRATEGIES,
    "spaces": _STRATEGIES,
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        if _HOMES[name] == _STRATEGIES and find_spec("hypothesis") is None:
            raise ImportError(f"rl2graph.testing.{name} needs hypothesis: pip install 'rl2graph[testing]'")
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
