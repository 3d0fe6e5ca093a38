"""Graphs that the tests of pictures draw."""

from __future__ import annotations

from random import Random

from rl2graph.compiler.pipeline import optimise
from rl2graph.ir.graph import Graph, Node, Output
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.types import f32
from rl2graph.spaces import Discrete, Space, Vector, unbounded
from rl2graph.viz.drawing import Box, Drawing, draw
from rl2graph.viz.panels import View, panels
from tests.support import IMAGE, SHARED, TWO, VECTOR, graph_of

NET = """
param n = 32
def block(x, w) { h = dense(x, w) |> relu; return dense(h, w) + x }
encoder f(x) = x |> dense(n) |> relu |> for i in [1, 2, 3] { block(n) }
encoder g(x) = mlp(x, hidden=[64, 64, 32], activation=tanh)
a = f(obs)
b = g(obs)
m = concat(a, b, detach(a))
h = m |> for i in [1, 2, 3, 4] { dense(48) |> silu }
pi = head(concat(h, f(obs)))
v = head(concat(detach(h), g(obs)) * 2 + 1)
q = head(h / 3 + dense(f(obs), 48))
"""

CASES: dict[str, tuple[str, Space | None, Space | None]] = {
    "shared": (SHARED, VECTOR, TWO),
    "nature": ("encoder e = nature(obs); pi = head(e); v = head(e)", IMAGE, Discrete(6)),
    "detached": (
        "e = mlp(obs); pi = head(e); v = head(detach(e) |> dense(32))",
        Vector((8,)),
        unbounded((3,)),
    ),
    "unknown": (SHARED, None, None),
    "arithmetic": (
        "e = dense(obs, 8)\noutput y = concat(e, e)\noutput left: pi = head(e - 1)\noutput z = 2 / e * e",
        VECTOR,
        TWO,
    ),
    "net": (NET, Vector((12,)), Discrete(5)),
}


def pair(name: str) -> tuple[Graph, Graph]:
    """A case as written and deduplicated."""
    return both(*CASES[name])


def both(text: str, observation: Space | None = VECTOR, action: Space | None = TWO) -> tuple[Graph, Graph]:
    graph = graph_of(text, observation, action)
    return graph, optimise(graph, 1)[0]


def drawings(name: str, view: View = "both") -> tuple[Drawing, ...]:
    return tuple(draw(panel) for panel in panels(*pair(name), view))


def titled(drawing: Drawing, title: str) -> Box:
    return next(box for box in drawing.boxes if box.title == title)


def random_dag(seed: int, size: int, reach: int = 10**6) -> Graph:
    """A graph whose nodes read one to three of the `reach` nodes before them, or one of them twice."""
    random = Random(seed)
    nodes = [Node("input", (), (("name", "obs"), ("dtype", "f32"), ("shape", (4,)), ("path", ())), f32(4))]
    for index in range(1, size):
        operands = tuple(
            random.randrange(max(0, index - reach), index) for _ in range(random.choice([1, 1, 2, 3]))
        )
        if len(operands) == 1:
            nodes.append(Node("tanh", operands, (), f32(4)))
        else:
            nodes.append(Node("concat", operands, (("axis", -1),), f32(4)))
    provenance = tuple(Provenance(f"n{index}" * random.randint(1, 6)) for index in range(size))
    return Graph(tuple(nodes), (Output("pi", "pi", size - 1),), (), provenance)
