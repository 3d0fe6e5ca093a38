"""Two specs that are read and analysed together, to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.check import check
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.ir.graph import Graph

Values = Mapping[str, Constant]


@dataclass(frozen=True, slots=True)
class SpecSource:
    """One of the two: how it is read, and values for its parameters."""

    read: Callable[[], Spec]
    values: Values = field(default_factory=dict)


class SpecPair(NamedTuple):
    """Two specs, A and B, and their literal graphs."""

    a: Graph
    b: Graph
    specs: tuple[Spec, Spec]

    @classmethod
    def of(cls, one: Analysis, other: Analysis) -> SpecPair:
        assert one.graph is not None
        assert other.graph is not None
        return cls(one.graph, other.graph, (one.spec, other.spec))


def analyse_pair(
    one: SpecSource, other: SpecSource, interface: Interface, values: Values | None = None
) -> SpecPair:
    """The literal graphs of both, and their specs.

    `values` are for parameters that both have, or one of them.

    Raises:
        DiagnosticError: with every finding about a spec that has an error, of both where both have.
    """
    shared = values or {}
    sides = [_Checked.of(side, interface, shared) for side in (one, other)]
    sides = [
        side.again_without(shared, elsewhere, interface)
        for side, elsewhere in zip(sides, reversed(sides), strict=True)
    ]
    problems = [found for side in sides for found in side.problems]
    if problems:
        raise DiagnosticError(problems)
    a, b = (side.analysis for side in sides)
    assert a is not None
    assert b is not None
    return SpecPair.of(a, b)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A spec, or why it cannot be read, and what its analysis found."""

    spec: Spec | None
    values: Values
    analysis: Analysis | None
    problems: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, side: SpecSource, interface: Interface, shared: Values) -> _Checked:
        try:
            spec = side.read()
        except DiagnosticError as error:
            return cls(None, {}, None, error.diagnostics)
        return cls._checked(spec, {**shared, **side.values}, interface)

    @classmethod
    def _checked(cls, spec: Spec, values: Values, interface: Interface) -> _Checked:
        analysis = check(spec, interface, None, values)
        return cls(spec, values, analysis, () if analysis.ok else analysis.diagnostics)

    def again_without(self, shared: Values, elsewhere: _Checked, interface: Interface) -> _Checked:
        """The spec without the values that are for parameters of the other alone."""
        if self.spec is None or self.analysis is None or elsewhere.analysis is None:
            return self
        foreign = shared.keys() - self.analysis.parameters.keys()
        if not foreign or not foreign <= elsewhere.analysis.parameters.keys():
            return self
        own = {name: value for name, value in self.values.items() if name not in foreign}
        return self._checked(self.spec, own, interface)
