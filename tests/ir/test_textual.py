"""Graphs as text and back: nothing is lost, whatever the graph."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import load
from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.dims import symbol
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Load, Node, Output, Owner
from rl2graph.ir.inits import INITS
from rl2graph.ir.op import Init, Weight
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.textual import read, write
from rl2graph.ir.textual.shapes import dim_text, read_dim
from rl2graph.ir.textual.tokens import Line
from rl2graph.ir.types import UNKNOWN, TensorType, f32
from rl2graph.zoo import zoo
from tests.programs import random_program
from tests.support import GOLDEN, ROOT, SHARED, assert_golden, graph_of

N, M = symbol("n"), symbol("m")
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["", " ", "a b", "e.dense", 'a"b', "a\\b", "\\", "#", "\ud800", "é\u2028\n"]
)
FLOATS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
NUMBERS = FLOATS | st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 1e-5, 1e22, 5e-324, 1.0])
INPUT = Node("input", (), (("name", "obs"), ("dtype", "f32"), ("shape", None), ("path", ())), UNKNOWN)


def bits(value):
    """A value as what compares by type and bits."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    return [bits(item) for item in value] if isinstance(value, tuple) else (type(value), value)


def everything(graph: Graph):
    """All of a graph that its text holds, by type and bits."""
    return (
        [replace(node, attributes=()) for node in graph.nodes],
        [(name, bits(value)) for node in graph.nodes for name, value in node.attributes],
        [replace(owner, learning_rate=None, weights=()) for owner in graph.owners],
        [bits(owner.learning_rate) for owner in graph.owners],
        [(w.name, w.shape, w.buffer, w.init.rule) for o in graph.owners for w in o.weights],
        [bits(weight.init.value) for owner in graph.owners for weight in owner.weights],
        graph.outputs,
        [getattr(place, "name", None) for place in graph.provenance],
    )


def returns(graph: Graph) -> Graph:
    """The graph, read back from its text, which must be the same graph and have the same text."""
    text = write(graph)
    assert text.isprintable() or set(filter(lambda c: not c.isprintable(), text)) == {"\n"}
    back = read(text)
    assert everything(back) == everything(graph)
    assert write(back) == text
    return back


@given(st.integers(0, 10**6))
def test_random_programs(seed):
    program = random_program(seed)
    graph = graph_of(program.text, program.observation, program.action)
    for form in (graph, optimise(graph, 1)[0]):
        assert returns(form) == form


@pytest.mark.parametrize("spec", zoo(), ids=lambda spec: spec.name)
def test_shipped_specs(spec):
    for interface in (spec.interface(), Interface(None, None)):
        graph = analyse(load(spec.path), interface).graph
        assert graph is not None
        assert returns(graph) == graph


def test_golden_specs():
    graphs = [
        analyse(load(path), interface).graph
        for path in sorted(GOLDEN.glob("diagnostics/*.rl2"))
        for interface in (Interface.of_texts("f32[4]", "discrete[2]"), Interface(None, None))
    ]
    found = [graph for graph in graphs if graph is not None]
    assert len(found) > 50
    for graph in found:
        assert returns(graph) == graph


def test_golden():
    text = (
        "encoder e(x) = dense(x, 8) |> dropout(0.1)\nh = e(obs) |> lstm(8)\npi = head(h)\nv = head(detach(h))"
    )
    assert_golden(GOLDEN / "graphs" / "shared_recurrent.txt", graph_of(text).to_text())


def test_the_documented_example():
    page = (ROOT / "docs" / "passes.md").read_text(encoding="utf-8")
    section = page.partition("## The textual form")[2]
    text = section.partition("```text\n")[2].partition("```")[0]
    graph = Graph.from_text(text)
    assert len(graph.nodes) == 9
    assert graph.to_text() == text


def test_a_graph_without_anything():
    assert write(Graph((), (), ())) == ""
    assert read("") == Graph((), (), ())


@given(st.lists(NUMBERS, min_size=1))
def test_floats_keep_their_bits(numbers):
    nodes = tuple(Node("constant", (), (("value", number),), f32()) for number in numbers)
    back = returns(Graph(nodes, (), ()))
    assert [attribute_bits(node.attributes) for node in back.nodes] == [
        attribute_bits(node.attributes) for node in nodes
    ]


def test_a_nan_that_is_not_the_usual_one():
    (number,) = struct.unpack(">d", bytes.fromhex("fff8000000000001"))
    graph = Graph((Node("constant", (), (("value", number),), f32()),), (), ())
    assert "value = nan(0xfff8000000000001)" in write(graph)
    returns(graph)


WEIGHTS = st.builds(
    Weight,
    TEXTS,
    st.lists(st.integers(0, 10**9) | st.sampled_from([N, N + 4, 2 * N * M, (N + 1) // 2]), max_size=3).map(
        tuple
    ),
    st.builds(Init, st.sampled_from(list(INITS)), NUMBERS),
    st.booleans(),
)
OWNERS = st.builds(
    Owner,
    st.sampled_from(["e", "e.dense", "größe.lstm_1"]),
    st.sampled_from(["dense", "lstm"]),
    st.lists(WEIGHTS, max_size=3).map(tuple),
    st.booleans(),
    st.none() | NUMBERS,
    st.none() | st.builds(Load, TEXTS, TEXTS),
)


@given(
    *(TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from([ONLINE, TARGET]), st.integers(-5, 10**12)),
    *(TEXTS, OWNERS, st.none() | TEXTS, TEXTS),
)
def test_names_may_be_any_string(part, path, version, evaluation, slot, owner, role, name):
    nodes = (
        replace(INPUT, attributes=(*INPUT.attributes[:3], ("path", tuple(path)))),
        Node("unresolved", (0, 0), (("part", part),), UNKNOWN),
        Node("dropout", (1,), (("p", 0.5),), UNKNOWN, evaluation=evaluation, slot=slot),
        Node("dense", (2,), (("out", 3), ("bias", False)), TensorType("u8", (N,)), owner.path, version),
    )
    names = (Provenance(name), None, Provenance(slot), Provenance(part))
    returns(Graph(nodes, (Output(name, role, 2), Output(name + "2", "pi", 0)), (owner,), names))


def test_provenance_that_is_not_ours_is_left_out():
    graph = replace(graph_of(SHARED), provenance=tuple(range(11)))
    assert "#" not in write(graph)
    assert read(write(graph)).provenance == ()


ATOMS = st.sampled_from([N, M, symbol("agents"), symbol("joint a"), symbol("")])
DIMS = st.recursive(
    ATOMS | st.integers(-9, 9),
    lambda dims: st.one_of(
        st.tuples(dims, dims).map(lambda pair: pair[0] + pair[1]),
        st.tuples(dims, dims).map(lambda pair: pair[0] - pair[1]),
        st.tuples(dims, dims).map(lambda pair: pair[0] * pair[1]),
        st.tuples(dims, st.integers(1, 5)).map(lambda pair: pair[0] // pair[1]),
        st.tuples(dims, st.integers(1, 4)).map(
            lambda pair: reduce(lambda x, _: x * pair[0], range(pair[1]), 1)
        ),
    ),
    max_leaves=12,
)


def dim_of(text):
    line = Line(text)
    dim = read_dim(line)
    assert line.next == ""
    return dim


@settings(max_examples=300)
@given(DIMS)
def test_dims(dim):
    assert dim_of(dim_text(dim)) == dim
    shaped = replace(
        INPUT, attributes=(*INPUT.attributes[:2], ("shape", (dim, 3)), ("path", ())), type=f32(dim, 3)
    )
    returns(Graph((shaped,), (), ()))


@pytest.mark.parametrize(
    "dim",
    [
        N,
        N + 4,
        2 * N * M - 3,
        (N + 1) // 2 * M,
        -1 * N,
        (N + 1) * (N + 1),
        N * N // 3,
        (N + 1) * (N + 1) // 3,
        7,
    ],
)
def test_dims_are_written_as_they_are_shown_elsewhere(dim):
    assert dim_text(dim) == str(dim)


def test_a_sign_is_that_of_its_term():
    assert dim_text(N // 2 * -1) == "-(n // 2)"
    assert dim_text((N * -1) // 2) == "(-n) // 2"
    assert dim_of("-n // 2") == dim_of("-(n // 2)") != dim_of("(-n) // 2")
    assert dim_of("-(n + m) * n") == (N + M) * N * -1


def test_what_a_person_writes_is_brought_into_form():
    text = """
# a comment
  owner "e" : dense , weight [ 3 , 2*n+n ]=orthogonal( 1.0 ),bias[3] = constant(0.0)

%0=input(){shape=[n + 2*n],name="obs"}:f32[4 * n - n]#obs
\t%1 = dense( %0 ){bias=true,out=3}@e : f32[3]  # "a # in a name"
output   y=%1  # not a name\r
"""
    assert write(read(text)) == (
        "owner e: dense, weight[3, 3 * n] = orthogonal(1.0), bias[3] = constant(0.0)\n"
        '%0 = input() {name = "obs", dtype = "f32", shape = [3 * n], path = []} : f32[3 * n]  # obs\n'
        "%1 = dense(%0) {out = 3, bias = true} @e : f32[3]  # a # in a name\n"
        "output y = %1\n"
    )


def chain(size: int) -> Graph:
    """A chain of layers, each with weights of its own, and sums between them."""
    weights = (Weight("weight", (8, 8), Init("orthogonal", 1.0)),)
    nodes = [replace(INPUT, attributes=(*INPUT.attributes[:2], ("shape", (8,)), ("path", ())), type=f32(8))]
    for index in range(1, size):
        if index % 2:
            layer = Node("dense", (index - 1,), (("out", 8), ("bias", False)), f32(8), f"e.dense_{index}")
        else:
            layer = Node("add", (index - 1, index // 2), (), f32(8))
        nodes.append(layer)
    owners = tuple(Owner(f"e.dense_{index}", "dense", weights) for index in range(1, size, 2))
    names = tuple(Provenance(f"e.n{index}") for index in range(size))
    return Graph(tuple(nodes), (Output("y", None, size - 1),), owners, names)


def test_a_deep_graph_needs_no_stack():
    graph = chain(20_000)
    assert returns(graph) == graph


def test_a_long_sum_and_a_long_string():
    dims = "+".join(f"n{index} * 2" for index in range(400))
    assert len(dim_of(dims).terms) == 400
    name = '\\"\n' * 20_000
    graph = Graph((replace(INPUT, attributes=(*INPUT.attributes[:3], ("path", (name,)))),), (), ())
    assert returns(graph) == graph
