"""Where a difference between graphs is written: at its own text, and, inside a definition, at its use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rl2graph.compiler.spec import Spec
from rl2graph.diagnostics import Label, Span
from rl2graph.ir.canonical import Place
from rl2graph.ir.graph import Graph
from rl2graph.ir.provenance import Provenance
from rl2graph.lang import ast


class Excerpt:
    """The text of one graph around a difference.

    `above` are the nodes through which the walk came to it, the nearest first; `spec` is the text, where the
    graph comes from one.
    """

    def __init__(self, graph: Graph, spec: Spec | None, above: Sequence[int]) -> None:
        self._graph, self._above = graph, above
        self._source = None if spec is None else spec.source
        self._definitions = [] if spec is None else list(_definitions(spec.tree.statements))
        self._users = [] if spec is None else graph.users()

    def labels(self, places: Sequence[Place]) -> Iterator[Label]:
        """Places in the text, the first of them first; each place once."""
        seen: set[Span] = set()
        for number, place in enumerate(places):
            span = self._span(place.node)
            if span is None:
                continue
            walked = self._above if number == 0 else ()
            use = self._use(span, walked or self._readers(place.node))
            if span not in seen:
                yield Label(span, place.label)
                if number == 0 and use is not None:
                    yield Label(use, "used here")
            elif use is not None and use not in seen:
                yield Label(use, place.label)
            seen |= {span} if use is None else {span, use}

    def _use(self, span: Span, readers: Sequence[int] | Iterator[int]) -> Span | None:
        """For a text inside a definition, that of the first reader outside."""
        if not self._is_inside(span):
            return None
        spans = (self._span(reader) for reader in readers)
        return next((found for found in spans if found is not None and not self._is_inside(found)), None)

    def _readers(self, node: int) -> Iterator[int]:
        """What first reads a node, what first reads that, and so on."""
        while self._users and self._users[node]:
            node = self._users[node][0]
            yield node

    def _is_inside(self, span: Span) -> bool:
        """Whether a text is that of a definition, here or in another file."""
        if self._source is None:
            return False
        return span.source is not self._source or any(
            whole.start <= span.start and span.end <= whole.end for whole in self._definitions
        )

    def _span(self, node: int) -> Span | None:
        where = self._graph.where(node)
        return where.span.in_whole if isinstance(where, Provenance) and where.span is not None else None


def _definitions(statements: Sequence[ast.Statement]) -> Iterator[Span]:
    """Texts of the definitions of a file, those for groups of agents among them."""
    for statement in statements:
        while isinstance(statement, ast.Annotated):
            statement = statement.statement
        match statement:
            case ast.Declare() | ast.Macro():
                yield statement.span
            case ast.Agents():
                yield from _definitions(statement.body.statements)
