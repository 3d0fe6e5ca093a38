"""Whether two specs are one function of their inputs, and which of their owners are each other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rl2graph.compiler.comparison.excerpts import Excerpt
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Label, Span
from rl2graph.ir.canonical import (
    Equivalence,
    Mismatch,
    function_digest,
    match,
    training_digest,
)
from rl2graph.ir.graph import Graph, Load, Owner
from rl2graph.ir.signatures import shown_value

Digests = tuple[str, str]

SHOWN = 4  # names of owners that have one difference


@dataclass(frozen=True)
class Comparison:
    """What two specs, A and B, are to each other; true where they are one function.

    Attributes:
        a, b: their graphs after the passes of `-O1`.
        result: which nodes are each other's, or where the graphs part.
        specs: their texts, where the graphs come from some.
    """

    a: Graph
    b: Graph
    result: Equivalence | Mismatch
    specs: tuple[Spec, Spec] | None = None

    def __bool__(self) -> bool:
        return bool(self.result)

    def __repr__(self) -> str:
        return "the same function" if self else f"not the same function: {self.reason}"

    @property
    def owners(self) -> Mapping[str, str]:
        """Owners' paths in A to those in B, one to one; none where the two are not one function."""
        return self.result.owners if isinstance(self.result, Equivalence) else {}

    @property
    def reason(self) -> str | None:
        """What the first difference is, in one sentence; None where there is none."""
        return self.result.reason if isinstance(self.result, Mismatch) else None

    @property
    def places(self) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
        """Where the first difference is written in A and in B, and what is to be seen there."""
        if isinstance(self.result, Equivalence):
            return (), ()
        above = self.result.above
        in_a = Excerpt(self.a, self.specs and self.specs[0], [one for one, _ in above])
        in_b = Excerpt(self.b, self.specs and self.specs[1], [other for _, other in above])
        return tuple(in_a.labels(self.result.a)), tuple(in_b.labels(self.result.b))

    @property
    def spans(self) -> tuple[Span | None, Span | None]:
        """The text of the first difference in A and in B; None where one of them alone has something."""
        one, other = self.places
        return one[0].span if one else None, other[0].span if other else None

    @cached_property
    def function_digests(self) -> Digests:
        """Digests of values and gradients, equal where the two are one function."""
        return function_digest(self.a), function_digest(self.b)

    @cached_property
    def training_digests(self) -> Digests:
        """Digests of all that training hangs on: the function, paths, initial values, what is trained how."""
        return training_digest(self.a), training_digest(self.b)

    @property
    def same_training(self) -> bool:
        """Whether training both from one seed is the same, too."""
        return self.training_digests[0] == self.training_digests[1]

    @cached_property
    def training(self) -> tuple[str, ...]:
        """How owners that are each other's start or train differently, one text for each difference."""
        return training_differences(self.a, self.b, self.owners)

    def translate(self, state_dict: Mapping[str, Any]) -> dict[str, Any]:
        """The state_dict of a model of B under the keys of A, so that a model of A can load it.

        Raises:
            ValueError: the two are not one function.
            KeyError: a key that models of B do not have.
        """
        if self.reason is not None:
            raise ValueError(f"weights go to an equivalent spec alone, and {self.reason}")
        path_in_a = {other: one for one, other in self.owners.items()}
        translated = {}
        for key, value in state_dict.items():
            path, _, weight = key.rpartition(".")
            if path not in path_in_a:
                raise KeyError(f"{key!r} is no key of B, whose owners are {', '.join(path_in_a)}")
            translated[f"{path_in_a[path]}.{weight}"] = value
        return translated


def compare(a: Graph, b: Graph, specs: tuple[Spec, Spec] | None = None) -> Comparison:
    """What two literal graphs are to each other.

    Both are normalised first, so that what `-O1` rewrites is no difference. With the `specs` that the graphs
    come from, a difference in a definition is shown at its use too.

    Raises:
        DiagnosticError: RLG701 for a graph that breaks an invariant.
    """
    one, other = normalised(a), normalised(b)
    return Comparison(one, other, match(one, other), specs)


def normalised(graph: Graph) -> Graph:
    """The graph that digests are taken of: the literal one after the passes of `-O1`."""
    return optimise(graph, 1)[0]


def training_differences(a: Graph, b: Graph, owners: Mapping[str, str]) -> tuple[str, ...]:
    """How owners that are each other's start or train differently, one text for each difference, behind those
    that have it. That paths differ is left out.
    """
    found: dict[str, list[str]] = {}
    for path, twin in owners.items():
        for name, text in _differences(a.owner[path], b.owner[twin]):
            found.setdefault(text, []).append(name)
    return tuple(f"{_listed(names)}: {text}" for text, names in found.items())


def _differences(one: Owner, other: Owner) -> Iterator[tuple[str, str]]:
    """What has a difference, and the difference."""
    name = _named(one.path, other.path)
    if one.frozen != other.frozen:
        yield name, f"frozen in {'A' if one.frozen else 'B'} alone"
    if one.learning_rate != other.learning_rate:
        rates = _rate(one.learning_rate), _rate(other.learning_rate)
        yield name, f"learning rate {rates[0]} in A, {rates[1]} in B"
    if one.load != other.load:
        yield name, f"starts from {_loaded(one.load)} in A, {_loaded(other.load)} in B"
    inits = {weight.name: weight.init for weight in other.weights}
    for weight in one.weights:
        init = inits.get(weight.name, weight.init)
        if weight.init != init:
            tensor = _named(f"{one.path}.{weight.name}", f"{other.path}.{weight.name}")
            starts = str(weight.init), str(init)
            if starts[0] == starts[1]:
                starts = f"{weight.init.rule}({weight.init.value!r})", f"{init.rule}({init.value!r})"
            yield tensor, f"starts from {starts[0]} in A, {starts[1]} in B"


def _named(one: str, other: str) -> str:
    return f"`{one}`" if one == other else f"`{one}` (`{other}` in B)"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _rate(rate: float | None) -> str:
    return "the algorithm's" if rate is None else shown_value(rate)


def _loaded(load: Load | None) -> str:
    return "initial values" if load is None else f"`{load.key}` of {load.file}"
