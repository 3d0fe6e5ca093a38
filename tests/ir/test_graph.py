from __future__ import annotations

import math
from dataclasses import replace

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.compiler.pipeline import optimise
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.graph import Graph, Node, Output
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify
from tests.programs import random_program
from tests.support import SHARED, graph_of


def by_hand() -> networkx.MultiDiGraph:
    graph = networkx.MultiDiGraph(outputs=[("y", None, "join")])
    graph.add_node("join", op="concat")
    graph.add_node("layer", op="dense", attributes={"out": 3}, owner="layer")
    graph.add_node("x", op="input", attributes={"name": "obs", "shape": (4,)})
    graph.add_edge("x", "layer", key=0)
    graph.add_edge("layer", "join", key=0)
    graph.add_edge("layer", "join", key=1)
    return graph


def test_concat_of_a_value_with_itself_keeps_both_edges():
    graph = graph_of("e = mlp(obs); output y = concat(e, e)")
    drawn = graph.to_networkx()
    last = graph.outputs[0].node
    assert sorted(key for _, _, key in drawn.in_edges(last, keys=True)) == [0, 1]
    assert Graph.from_networkx(drawn) == graph


@given(st.integers(0, 10**6))
def test_networkx_is_an_exact_inverse(seed):
    program = random_program(seed)
    graph = graph_of(program.text, program.observation, program.action)
    for form in (graph, optimise(graph, 1)[0]):
        back = Graph.from_networkx(form.to_networkx())
        assert back == form
        assert back.provenance == form.provenance


def test_a_graph_built_by_hand_is_completed():
    graph = Graph.from_networkx(by_hand())
    assert [node.op for node in graph.nodes] == ["input", "dense", "concat"]
    assert graph.nodes[2].operands == (1, 1)
    assert graph.nodes[2].type == f32(6)
    assert [w.shape for w in graph.owner["layer"].weights] == [(3, 4), (3,)]


def test_an_op_with_weights_is_its_own_owner_where_none_is_named():
    graph = by_hand()
    del graph.nodes["layer"]["owner"]
    assert Graph.from_networkx(graph) == Graph.from_networkx(by_hand())


@pytest.mark.parametrize(
    ("attribute", "value"), [("owner", "a b"), ("owner", "e.train"), ("name", "obs): import os")]
)
def test_names_that_no_code_can_have_are_refused(attribute, value):
    graph = by_hand()
    if attribute == "owner":
        graph.nodes["layer"]["owner"] = value
    else:
        graph.nodes["x"]["attributes"] = {"name": value, "shape": (4,)}
    with pytest.raises(DiagnosticError, match="cannot be"):
        Graph.from_networkx(graph)


def _cycle(graph):
    graph.add_edge("join", "layer", key=1)


def _unknown_op(graph):
    graph.nodes["layer"]["op"] = "dens"


def _keys(graph):
    graph.add_edge("x", "join", key=7)


def _output(graph):
    graph.graph["outputs"] = [("y", None, "nowhere")]


def _attribute(graph):
    graph.nodes["layer"]["attributes"] = {"out": "many"}


def _shape(graph):
    graph.nodes["x"]["attributes"] = {"name": "obs", "shape": (3, 4, 5)}


@pytest.mark.parametrize("damage", [_cycle, _unknown_op, _keys, _output, _attribute, _shape])
def test_a_damaged_networkx_graph_is_refused(damage):
    graph = by_hand()
    damage(graph)
    with pytest.raises(DiagnosticError) as caught:
        Graph.from_networkx(graph)
    assert caught.value.diagnostics[0].code == "RLG702"


def test_a_digraph_is_refused():
    with pytest.raises(DiagnosticError, match="MultiDiGraph"):
        Graph.from_networkx(networkx.DiGraph())


def _with(graph: Graph, index: int, **changes) -> Graph:
    nodes = list(graph.nodes)
    nodes[index] = replace(nodes[index], **changes)
    return replace(graph, nodes=tuple(nodes))


DAMAGE = {
    "an operand after its user": lambda g: _with(g, 1, operands=(3,)),
    "an op that is not there": lambda g: _with(g, 1, op="dens"),
    "a wrong type": lambda g: _with(g, 1, type=f32(7)),
    "a missing owner": lambda g: _with(g, 1, owner=None),
    "an owner without weights": lambda g: _with(g, 2, owner="f.dense"),
    "an undeclared owner": lambda g: _with(g, 1, owner="elsewhere"),
    "another op's owner": lambda g: _with(g, 1, owner="f.dense_1"),
    "a missing operand": lambda g: _with(g, 2, operands=()),
    "attributes out of form": lambda g: _with(g, 1, attributes=(("bias", True), ("out", 128))),
    "a call site without effect": lambda g: _with(g, 1, evaluation=3),
    "a missing output": lambda g: replace(g, outputs=(Output("pi", "pi", 99),)),
    "an output twice": lambda g: replace(g, outputs=g.outputs * 2),
    "an owner that no code can name": lambda g: replace(
        g, owners=(replace(g.owners[0], path="x y"), *g.owners)
    ),
    "two owners at one path": lambda g: replace(g, owners=g.owners * 2),
    "provenance of another graph": lambda g: replace(g, provenance=g.provenance[:2]),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_the_verifier_finds(name):
    graph = graph_of(SHARED)
    verify(graph, "test")
    with pytest.raises(DiagnosticError, match="after test is broken"):
        verify(DAMAGE[name](graph), "test")


EFFECTS = """
encoder cell(x) = lstm(x, hidden=4)
pi = head(cell(obs))
v = head(batch_norm(cell(tanh(obs))))
"""


def _of(graph: Graph, op: str) -> list[int]:
    return [index for index, node in enumerate(graph.nodes) if node.op == op]


def test_two_calls_over_other_operands_share_no_state():
    graph = graph_of(EFFECTS)
    one, other = _of(graph, "lstm")
    assert graph.nodes[one].slot != graph.nodes[other].slot
    again = _with(graph, other, slot=graph.nodes[one].slot)
    verify(_with(again, other, operands=graph.nodes[one].operands), "test")
    with pytest.raises(DiagnosticError, match="another computation has its slot `"):
        verify(again, "test")


def test_an_owner_is_declared_where_dims_are_symbols_too():
    graph = graph_of(SHARED, None, None)
    verify(graph, "test")
    (layer, *_) = _of(graph, "dense")
    assert not graph.nodes[layer].type.known
    with pytest.raises(DiagnosticError, match="its owner elsewhere is not declared"):
        verify(_with(graph, layer, owner="elsewhere"), "test")


def test_a_target_moves_no_statistics():
    graph = graph_of(EFFECTS)
    (norm,) = _of(graph, "batch_norm")
    verify(_with(graph, norm, version="target", evaluation=None), "test")
    with pytest.raises(DiagnosticError, match="no statistics of the version target move"):
        verify(_with(graph, norm, version="target"), "test")


@pytest.mark.parametrize(
    "attributes", [(("out", 8.0), ("bias", True)), (("out", 8), ("bias", 1)), (("out", [8]), ("bias", True))]
)
def test_the_verifier_finds_a_node_that_only_equals_a_good_one(attributes):
    graph = graph_of("encoder f(x) = dense(x, 8); output a = f(obs), b = f(obs)")
    first, second = (i for i, node in enumerate(graph.nodes) if node.op == "dense")
    assert graph.nodes[first].attributes == (("out", 8), ("bias", True))
    with pytest.raises(DiagnosticError, match=f"node {second} "):
        verify(_with(graph, second, attributes=attributes), "test")


def test_attributes_are_compared_by_type_and_bits():
    def key(value):
        return attribute_bits((("value", value),))

    assert key(0.0) != key(-0.0)
    assert key(1) != key(1.0) != key(True)
    assert key(math.nan) == key(math.nan)
    assert key((1, 0.0)) != key((1, -0.0)) != key((True, -0.0))


def test_nodes_are_data():
    node = Node("relu", (0,), (), f32(3))
    assert node == Node("relu", (0,), (), f32(3))
    assert hash(node) == hash(Node("relu", (0,), (), f32(3)))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('%1 = input() {name = "obs", shape = [5]} : f32[5]\noutput y = %1', "obs is read in two ways"),
        (
            '%1 = input() {name = "obs", shape = [5], path = ["a"]} : f32[5]\noutput y = %1',
            "obs is read in two ways",
        ),
        ("%1 = dense(%0) {out = 2} @d : f32[2]\noutput y = %1", "d.weight is a tensor, and an owner's path"),
    ],
)
def test_inputs_and_keys_mean_one_thing(lines, said):
    owners = "owner d: dense, weight[2, 4] = constant(0.0), bias[2] = constant(0.0)\n"
    owners += "owner d.weight.more: dense, weight[2, 4] = constant(0.0), bias[2] = constant(0.0)\n"
    first = '%0 = input() {name = "obs", shape = [4]} : f32[4]\n'
    with pytest.raises(DiagnosticError, match=said) as caught:
        Graph.from_text((owners if "@d" in lines else "") + first + lines + "\n")
    assert "correct the graph" in str(caught.value)
