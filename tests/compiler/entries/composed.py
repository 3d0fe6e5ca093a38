"""Small composed graphs, which the tests here look at."""

from __future__ import annotations

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Input
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.verify import verify
from rl2graph.spaces import unbounded
from tests.support import VECTOR, graph_of

ACTOR = "encoder e = dense(obs, 4); mu = dense(e, 3); q = dense(concat(e, act), 1); output mu, q"
NEXT = Input("next_obs")


def actor() -> Graph:
    return graph_of(ACTOR, VECTOR, unbounded((3,)))


def composed(graph: Graph, *arguments, **options) -> Graph:
    result = compose(graph, *arguments, **options)
    verify(result, "composing")
    return result


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def names(graph: Graph) -> list[str]:
    return [place.name for place in graph.provenance]


def of(graph: Graph, op: str) -> list[Node]:
    return [node for node in graph.nodes if node.op == op]
