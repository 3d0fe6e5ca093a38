"""Which of many names may be meant by one that is not known, found without a look at each."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.compiler.elaboration.scope import Scope
from rl2graph.diagnostics.suggest import SlipIndex

FEW = 50  # names of a scope that are looked at one by one


class NearNames:
    """For each large scope, an index of its names, made when the first name is not found there."""

    def __init__(self) -> None:
        self._indexes: dict[Scope, tuple[SlipIndex, set[str]]] = {}

    def near(self, name: str, scope: Scope) -> Iterator[str]:
        """Names of a scope and its parents: of a small one all, of a large one those that a slip explains."""
        current: Scope | None = scope
        while current is not None:
            if len(current.bindings) <= FEW:
                yield from current.bindings
            else:
                index = self._index(current)
                yield from (known for known in index.near(name) if known in current.bindings)
            current = current.parent

    def _index(self, scope: Scope) -> SlipIndex:
        index, names = self._indexes.setdefault(scope, (SlipIndex(), set()))
        for name in scope.bindings.keys() - names:
            index.add(name)
            names.add(name)
        return index
