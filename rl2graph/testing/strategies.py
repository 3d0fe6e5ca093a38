"""Hypothesis strategies: typed programs, their graphs, and spaces. Examples shrink statement by statement."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Literal, TypeVar

from hypothesis import assume
from hypothesis import strategies as st

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import Graph
from rl2graph.spaces import Space
from rl2graph.testing.generation.programs import DEFAULT, Construction, Program, ProgramOptions
from rl2graph.testing.generation.spaces import random_action, random_observation
from rl2graph.testing.rewrites import PRESERVING, Rewrite

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

Item = TypeVar("Item")


@st.composite
def spaces(draw: st.DrawFn, of: Literal["observations", "actions"] = "observations") -> Space:
    """Spaces of observations, those of several parts among them, or of actions."""
    random = _Drawn(draw)
    return random_action(random) if of == "actions" else random_observation(random)


@st.composite
def programs(draw: st.DrawFn, options: ProgramOptions = DEFAULT) -> Program:
    """Specs without errors, with the spaces that they are for.

    They shrink towards few statements of plain kinds over a vector.
    """
    construction = Construction(_Drawn(draw), options)
    for _ in range(options.statements[1]):
        draw(st.builds(construction.statement))  # a span of its own, which shrinking takes away whole
        if not draw(st.integers(0, 7)):
            break
    return construction.finish()


@st.composite
def graphs(draw: st.DrawFn, options: ProgramOptions = DEFAULT, level: int | None = None) -> Graph:
    """Typed graphs of specs, as the passes of an optimisation level leave them: one that is drawn where none
    is given; level 0 is the literal graph.
    """
    program = draw(programs(options))
    analysis = analyse(parse(program.text), Interface(program.observation, program.action, groups=()))
    assert analysis.graph is not None, f"a random program has errors:\n{program.text}"
    chosen = draw(st.sampled_from([0, 1])) if level is None else level
    return optimise(analysis.graph, chosen)[0]


@st.composite
def rewritten(
    draw: st.DrawFn,
    text: str | st.SearchStrategy[str],
    rewrites: tuple[Rewrite, ...] = PRESERVING,
    most: int = 3,
) -> str:
    """A spec's text after up to `most` rewrites, at least one."""
    spec = original = text if isinstance(text, str) else draw(text)
    for _ in range(most):
        result = draw(st.sampled_from(rewrites))(spec, _Drawn(draw))
        if result is not None:
            spec = result
        if not draw(st.integers(0, 2)):
            break
    assume(spec != original)  # the second rewrite may undo the first
    return spec


class _Drawn(Random):
    """A generator whose every choice is drawn, and so shrinks: in small numbers, which shrink fast."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        super().__init__(0)

    def random(self) -> float:
        return self._draw(_BYTES) / 256

    def getrandbits(self, k: int, /) -> int:
        return self._draw(st.integers(0, 2**k - 1))

    def choice(self, seq: SupportsLenAndGetItem[Item]) -> Item:
        return seq[self._draw(st.integers(0, len(seq) - 1))]

    def randint(self, a: int, b: int) -> int:
        return self._draw(st.integers(a, b))


_BYTES = st.integers(0, 255)
