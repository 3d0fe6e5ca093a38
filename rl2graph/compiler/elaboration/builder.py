"""The graph under construction: one node per evaluation, owners by path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from rl2graph.compiler.elaboration.claims import Claims
from rl2graph.compiler.elaboration.diagnose import LimitReached
from rl2graph.compiler.elaboration.scope import Namer
from rl2graph.compiler.elaboration.trace import Trace
from rl2graph.compiler.elaboration.unify import Unifier
from rl2graph.compiler.limits import DEFAULT, Limits, limit_hint
from rl2graph.diagnostics import Label, Span
from rl2graph.ir.application import Application, Applications, applied
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import Undecided
from rl2graph.ir.graph import ONLINE, Graph, Node, Output, gather
from rl2graph.ir.op import Effect, Op
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.slots import with_slots
from rl2graph.ir.types import TensorType


class GraphBuilder:
    """Appends nodes and registers owners; knows types, but nothing of names or syntax."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.unifier = Unifier()
        self.nodes: list[Node] = []
        self.provenance: list[Provenance] = []
        self.claims = Claims(self.unifier, limits)
        self.live: list[bool] = []
        self.reads_action: list[bool] = []
        self.trace: Trace | None = None
        self._applications = Applications()
        self._evaluations = 0
        self._expansions = 0
        self._resolved = 0  # of the first nodes, none waits for the spaces
        self._limits = limits

    def type_of(self, node: int) -> TensorType:
        return self.unifier.resolved(self.nodes[node].type)

    def why(self, nodes: Sequence[int]) -> tuple[Label, ...]:
        """Where the symbolic dims of some nodes became what they are."""
        return self.unifier.labels([self.nodes[node].type for node in nodes])

    def add(
        self,
        op: Op,
        operands: tuple[int, ...],
        attributes: Mapping[str, object],
        *,
        span: Span,
        name: str,
        namer: Namer | None = None,
        below: str | None = None,
    ) -> int:
        """Append one evaluation of `op` and return its id.

        `namer` gives the owner's path: a child of its prefix called `below`, or its prefix itself.

        Raises:
            TypeProblem: operands or attributes that the op cannot take.
            DiagnosticError: RLG401 or RLG402.
            LimitReached: the spec makes too many nodes or weights.
        """
        if len(self.nodes) >= self._limits.nodes:
            message = f"the spec makes more than {self._limits.nodes:,} nodes"
            raise LimitReached("RLG307", message, span, limit_hint("nodes"))
        types = [self.nodes[operand].type for operand in operands]
        if self.unifier.known:
            types = [self.unifier.resolved(type_) for type_ in types]
        try:
            made = self._applications.of(op, types, attributes)
        except Undecided:
            made = self._assuming(op, types, attributes, span)
        owner = None
        if namer is not None and op.has_weights:
            owner, claim = self.claims.claim(op, made, span, namer, below)
            if self.trace is not None:
                self.trace.claims.append((owner, claim))
        evaluation = None
        if op.effect is not Effect.PURE:
            evaluation = self._evaluations
            self._evaluations += 1
        reads_action = self.reads_action
        reads_action.append(True in [reads_action[operand] for operand in operands])
        self.nodes.append(Node(op.name, operands, made.attributes, made.type, owner, ONLINE, evaluation))
        self.provenance.append(Provenance(owner or name, span))
        return len(self.nodes) - 1

    def _assuming(
        self, op: Op, types: Sequence[TensorType], attributes: Mapping[str, object], span: Span
    ) -> Application:
        """The application of an op that hangs on symbolic dims, which are taken to be what it needs."""
        items = coerce_attributes(op, attributes)
        type_ = self.unifier.inferred(types, lambda types: op.infer(types, dict(items)), span)
        return applied(op, [self.unifier.resolved(type_) for type_ in types], items, type_)

    def count_expansion(self, span: Callable[[], Span]) -> None:
        """Count one more expanded definition, which need not make a node; there are at most as many as nodes.
        `span` tells where it is.

        Raises:
            LimitReached: too many.
        """
        self._expansions += 1
        if self._expansions > self._limits.nodes:
            message = f"the spec expands more than {self._limits.nodes:,} definitions"
            raise LimitReached("RLG307", message, span(), limit_hint("nodes"))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Nothing that is made inside stays."""
        count, claims, known = len(self.nodes), self.claims.saved(), self.unifier.known
        try:
            yield
        finally:
            for column in (self.nodes, self.provenance, self.reads_action):
                del column[count:]
            self._resolved = min(self._resolved, count)
            self.claims.restore(claims)
            self.unifier.known = known

    def is_unresolved(self) -> bool:
        """Whether some node waits for the spaces; it looks at each node once, however often it is asked."""
        while self._resolved < len(self.nodes):
            if self.nodes[self._resolved].op == "unresolved":
                return True
            self._resolved += 1
        return False

    def has_room(self, nodes: int, expansions: int) -> bool:
        """Whether so many more of each are within the limits."""
        most = self._limits.nodes
        return len(self.nodes) + nodes <= most and self._expansions + expansions <= most

    def append(
        self,
        nodes: Sequence[Node],
        provenance: Sequence[Provenance],
        reads_action: Sequence[bool],
        expansions: int,
    ) -> None:
        """Append nodes that were made before, by so many expansions."""
        self._expansions += expansions
        self.nodes += nodes
        self.provenance += provenance
        self.reads_action += reads_action

    def call(self, node: int, name: str) -> None:
        """Give a node's value the name of the binding that it became."""
        self.provenance[node] = Provenance(name, self.provenance[node].span)

    def finish(self, outputs: tuple[Output, ...]) -> Graph:
        """The graph of what the outputs depend on; dead nodes and their owners are left out."""
        owners = tuple(claim.owner for claim in self.claims.made.values())
        graph = Graph(tuple(self.nodes), outputs, owners, tuple(self.provenance))
        if self.unifier.known:
            graph = self._solved(graph)
        self.live = live = graph.live()
        graph = with_slots(gather(graph, [index for index, alive in enumerate(live) if alive]))
        read = {node.owner for node in graph.nodes}
        live_owners = tuple(owner for owner in graph.owners if owner.path in read)
        return Graph(graph.nodes, graph.outputs, live_owners, graph.provenance)

    def _solved(self, graph: Graph) -> Graph:
        """The graph with what became of its symbolic dims put in."""
        nodes = tuple(node if node.type.known else self._solved_node(node) for node in graph.nodes)
        owners = tuple(self.claims.resolved(owner) for owner in graph.owners)
        return Graph(nodes, graph.outputs, owners, graph.provenance)

    def _solved_node(self, node: Node) -> Node:
        type_ = self.unifier.resolved(node.type)
        if node.op != "input":
            return replace(node, type=type_)
        given = {"shape": type_.shape}  # an input says its own shape
        attributes = tuple((name, given.get(name, value)) for name, value in node.attributes)
        return replace(node, type=type_, attributes=attributes)
