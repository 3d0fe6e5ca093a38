"""The graph under construction: one node per evaluation, owners by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rl2graph.compiler.diagnose import LimitReached
from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.compiler.scope import Namer
from rl2graph.compiler.settings import NO_SETTINGS
from rl2graph.compiler.trace import Trace
from rl2graph.compiler.unify import Unifier
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import Undecided, substitute
from rl2graph.ir.graph import Graph, Node, Output, Owner, gather
from rl2graph.ir.op import Attributes, Effect, Op, Weight, no_weights
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.types import UNKNOWN, TensorType


@dataclass(frozen=True, slots=True)
class Claim:
    """An owner, the module or shared binding that it belongs to, the text that claimed it, and how many
    numbers it holds, 0 where that is not known.
    """

    owner: Owner
    module: str | None
    span: Span
    weights: int

    def is_again(self, other: Claim) -> bool:
        """Whether another claim of the same path is of the same weights."""
        if other.module is None or self.module != other.module:
            return False
        return self.owner is other.owner or self.owner == other.owner


class GraphBuilder:
    """Appends nodes and registers owners; knows types, but nothing of names or syntax."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.unifier = Unifier()
        self.nodes: list[Node] = []
        self.provenance: list[Provenance] = []
        self.claims: dict[str, Claim] = {}
        self.live: list[bool] = []
        self.reads_action: list[bool] = []
        self.trace: Trace | None = None
        self._evaluations = 0
        self._expansions = 0
        self._weights = 0
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
        items = coerce_attributes(op, attributes) if op.attributes or attributes else ()
        values = dict(items)
        types = [self.nodes[operand].type for operand in operands]
        if self.unifier.known:
            types = [self.unifier.resolved(type_) for type_ in types]
        type_ = self._inferred(op, types, values, span)
        owner = None
        if namer is not None and op.weights is not no_weights:
            owner = self._own(op, [self.unifier.resolved(t) for t in types], values, span, namer, below)
        evaluation = None
        if op.effect is not Effect.PURE:
            evaluation = self._evaluations
            self._evaluations += 1
        self.nodes.append(Node(op.name, operands, items, type_, owner, evaluation=evaluation))
        self.provenance.append(Provenance(owner or name, span))
        self.reads_action.append(any(map(self.reads_action.__getitem__, operands)))
        return len(self.nodes) - 1

    def _inferred(self, op: Op, types: list[TensorType], values: Attributes, span: Span) -> TensorType:
        for type_ in types:
            if type_.shape is None:
                return UNKNOWN
        try:
            return op.infer(types, values)
        except Undecided:
            return self.unifier.inferred(types, lambda types: op.infer(types, values), span)

    def count_expansion(self, span: Span) -> None:
        """Count one more expanded definition, which need not make a node; there are at most as many as nodes.

        Raises:
            LimitReached: too many.
        """
        self._expansions += 1
        if self._expansions > self._limits.nodes:
            message = f"the spec expands more than {self._limits.nodes:,} definitions"
            raise LimitReached("RLG307", message, span, limit_hint("nodes"))

    def claim_again(self, claims: Sequence[tuple[str, Claim]], nodes: int, expansions: int) -> bool:
        """Claim what a statement claimed the last time, with so many nodes and expansions to come; False, and
        nothing claimed, where that would now be a finding.
        """
        fresh: dict[str, Claim] = {}
        for path, claim in claims:
            earlier = self.claims.get(path) or fresh.get(path)
            if earlier is None:
                fresh[path] = claim
            elif not earlier.is_again(claim):
                return False
        weights = self._weights + sum([claim.weights for claim in fresh.values()])
        limits = self._limits
        if (
            len(self.nodes) + nodes > limits.nodes
            or self._expansions + expansions > limits.nodes
            or weights > limits.weights
        ):
            return False
        self.claims |= fresh
        self._weights = weights
        self._expansions += expansions
        return True

    def append(
        self, nodes: Sequence[Node], provenance: Sequence[Provenance], reads_action: Sequence[bool]
    ) -> None:
        """Append nodes that were made before."""
        self.nodes += nodes
        self.provenance += provenance
        self.reads_action += reads_action

    def call(self, node: int, name: str) -> None:
        """Give a node's value the name of the binding that it became."""
        self.provenance[node] = Provenance(name, self.provenance[node].span)

    def finish(self, outputs: tuple[Output, ...]) -> Graph:
        """The graph of what the outputs depend on; dead nodes and their owners are left out."""
        self._refuse_key_collisions()
        owners = tuple(claim.owner for claim in self.claims.values())
        graph = Graph(tuple(self.nodes), outputs, owners, tuple(self.provenance))
        if self.unifier.known:
            graph = self._solved(graph)
        self.live = live = graph.live()
        graph = gather(graph, [index for index, alive in enumerate(live) if alive])
        read = {node.owner for node in graph.nodes}
        live_owners = tuple(owner for owner in graph.owners if owner.path in read)
        return Graph(graph.nodes, graph.outputs, live_owners, graph.provenance)

    def _solved(self, graph: Graph) -> Graph:
        """The graph with what became of its symbolic dims put in."""
        nodes = tuple(node if node.type.known else self._solved_node(node) for node in graph.nodes)
        owners = tuple(self._resolved(owner) for owner in graph.owners)
        return Graph(nodes, graph.outputs, owners, graph.provenance)

    def _resolved(self, owner: Owner) -> Owner:
        """The owner with what became of its symbolic dims put in."""
        known = self.unifier.known
        weights = tuple(
            replace(weight, shape=tuple(substitute(dim, known) for dim in weight.shape))
            for weight in owner.weights
        )
        return replace(owner, weights=weights)

    def _solved_node(self, node: Node) -> Node:
        type_ = self.unifier.resolved(node.type)
        if node.op != "input":
            return replace(node, type=type_)
        given = {"shape": type_.shape}  # an input says its own shape
        attributes = tuple((name, given.get(name, value)) for name, value in node.attributes)
        return replace(node, type=type_, attributes=attributes)

    def _refuse_key_collisions(self) -> None:
        """Raises RLG402 where an owner's tensor and another owner would have one key."""
        paths = {part for path in self.claims for part in _prefixes(path)}
        for path, claim in self.claims.items():
            for weight in claim.owner.weights:
                if f"{path}.{weight.name}" in paths:
                    raise DiagnosticError.of(
                        "RLG402",
                        f"`{path}.{weight.name}` would be both a tensor of `{path}` and an owner of weights",
                        claim.span,
                        f"give the binding `{weight.name}` another name",
                    )

    def _own(
        self,
        op: Op,
        types: Sequence[TensorType],
        values: Attributes,
        span: Span,
        namer: Namer,
        below: str | None,
    ) -> str:
        path = namer.prefix if below is None else namer.child(below)
        weights: tuple[Weight, ...] = ()
        if all(type_.ranked for type_ in types):
            weights = op.weights(types, values)
        owner = Owner(path, op.name, weights)
        if namer.settings is not NO_SETTINGS:
            owner = namer.settings.of(owner)
        earlier = self.claims.get(path)
        claim = Claim(owner, namer.module, span, _known_size(owner))
        if self.trace is not None:
            self.trace.claims.append((path, claim))
        if earlier is None:
            self.claims[path] = claim
            self._count_weights(claim)
        elif namer.module is None or earlier.module != namer.module or path in namer.claimed:
            raise DiagnosticError(
                [
                    Diagnostic(
                        "RLG402",
                        f"two layers would both own their weights as `{path}`",
                        span,
                        labels=(Label(earlier.span, "the first"),),
                        hint="give one of them another name",
                    )
                ]
            )
        elif earlier.owner != owner and not self._one_owner(earlier.owner, owner, span):
            made = replace(earlier, owner=self._resolved(earlier.owner))
            found = _two_shapes(namer.module, made, self._resolved(owner), span)
            dims = [dim for weight in earlier.owner.weights for dim in weight.shape]
            raise DiagnosticError([replace(found, labels=(*found.labels, *self.unifier.reasons(dims)))])
        namer.claimed.add(path)
        return path

    def _count_weights(self, claim: Claim) -> None:
        self._weights += claim.weights
        if self._weights > self._limits.weights:
            message = (
                f"the spec would hold more than {self._limits.weights:,} weights,"
                f" {claim.weights:,} of them in `{claim.owner.path}`"
            )
            raise LimitReached("RLG308", message, claim.span, limit_hint("weights"))

    def _one_owner(self, one: Owner, other: Owner, span: Span) -> bool:
        """Whether two claims of one path can be the same weights, symbolic dims being taken to be equal."""
        if one.op == other.op and not (one.weights and other.weights):
            return True  # the operand of one of them has a shape of which nothing is known
        if one.op != other.op or len(one.weights) != len(other.weights):
            return False
        return all(
            self.unifier.same(a.shape, b.shape, span) for a, b in zip(one.weights, other.weights, strict=True)
        )


def _known_size(owner: Owner) -> int:
    """Elements of an owner's tensors; 0 where a dim is not known."""
    if any(type(dim) is not int for weight in owner.weights for dim in weight.shape):
        return 0
    return owner.size


def limit_hint(name: str) -> str:
    """How a user raises a limit."""
    return f"`--limit {name}=NUMBER` raises the limit"


def _prefixes(path: str) -> list[str]:
    """`a.b.c` as `a`, `a.b`, `a.b.c`."""
    parts = path.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _two_shapes(module: str, earlier: Claim, owner: Owner, span: Span) -> Diagnostic:
    shapes = [
        ", ".join(f"{weight.name} [{', '.join(map(str, weight.shape))}]" for weight in weights) or "none"
        for weights in (earlier.owner.weights, owner.weights)
    ]
    return Diagnostic(
        "RLG401",
        f"`{module}` has one set of weights, but this call needs `{owner.path}` in another shape",
        span,
        label=f"needs {shapes[1]}",
        labels=(Label(earlier.span, f"made {shapes[0]}"),),
        hint="call the module on operands of one shape, or make it a `def`, with new weights at every call",
    )
