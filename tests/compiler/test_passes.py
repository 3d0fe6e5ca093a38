from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Call
from rl2graph.compiler.passes.base import Pass, Rewrite
from rl2graph.compiler.passes.dedup import dedup
from rl2graph.compiler.passes.prune import prune
from rl2graph.compiler.passes.wording import worded
from rl2graph.compiler.pipeline import optimise, run_passes
from rl2graph.compiler.report import cost
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph, Node, Output, computation
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify
from rl2graph.spaces import Image, unbounded
from tests.programs import random_program
from tests.support import SHARED, VECTOR, graph_of


def test_a_module_called_twice_is_computed_once():
    graph = graph_of(SHARED)
    after, reports = optimise(graph, 1)
    assert (cost(graph).evaluations, cost(after).evaluations) == (10, 6)
    merged = [text for report in reports for text in report.worded("merged")]
    assert (
        merged[0]
        == "f.dense (%6, line 1) is f.dense (%1, line 1): the same dense with the weights of f.dense"
    )


def test_lookalikes_are_kept_apart_with_the_reason():
    assert remarks_of(graph_of("pi = head(mlp(obs))\nv = head(mlp(obs))")) == [
        "pi.dense (%1, line 1) and v.dense (%6, line 2) look alike, but pi.dense and v.dense own weights of"
        " their own"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "output a = obs |> dropout(0.5), b = obs |> dropout(0.5)",
            "two evaluations of `dropout`, each with noise",
        ),
        (
            "encoder f(x) = batch_norm(x); output a = f(obs), b = f(obs)",
            "each of which moves the statistics of f",
        ),
        ("t = tanh(obs); output a = obs + t, b = t + obs", "merging never goes by commutativity"),
        ("output a = obs * 0.0, b = obs * -0.0", "`value` is 0.0 in one, -0.0 in the other"),
    ],
)
def test_each_kind_of_lookalike_has_its_reason(text, why):
    (remark,) = remarks_of(graph_of(text))
    assert why in remark


def remarks_of(graph: Graph):
    return [worded(graph, remark) for remark in dedup(graph).remarks]


def test_versions_are_two_sets_of_weights():
    graph = graph_of("encoder f(x) = dense(x, 3); output a = f(obs), b = f(obs)")
    target = replace(graph.nodes[2], version="target")
    graph = replace(graph, nodes=(*graph.nodes[:2], target))
    assert len(dedup(graph).graph.nodes) == 3
    assert "versions online and target of f are two sets of weights" in remarks_of(graph)[0]


@pytest.mark.parametrize(
    "text",
    [
        "output a = obs + 0.0, b = obs + -0.0",
        "output a = obs - tanh(obs), b = tanh(obs) - obs",
        "t = tanh(obs); output a = obs + t, b = t + obs",
        "output a = elu(obs, 1.0), b = elu(obs, 2.0)",
        "output a = detach(obs), b = obs * 1",
    ],
)
def test_what_is_not_one_computation_stays_two(text):
    graph = graph_of(text)
    after, _ = optimise(graph, 1)
    a, b = (after.output[name].node for name in "ab")
    assert a != b


@pytest.mark.parametrize(
    "text",
    [
        "output a = obs * 2, b = obs * 2.0",
        "output a = concat(obs, obs), b = concat(obs, obs, axis=-1)",
        "output a = tanh(relu(obs)), b = obs |> relu |> tanh",
    ],
)
def test_what_is_one_computation_becomes_one(text):
    after, _ = optimise(graph_of(text), 1)
    assert after.output["a"].node == after.output["b"].node


def literal(seed):
    program = random_program(seed)
    return graph_of(program.text, program.observation, program.action)


@given(st.integers(0, 10**9))
def test_dedup_leaves_no_two_nodes_that_are_one_computation_and_is_idempotent(seed):
    graph = literal(seed)
    once = dedup(graph).graph
    verify(once, "dedup")
    keys = [computation(node, node.operands) for node in once.nodes]
    assert len(set(keys)) == len(keys)
    assert dedup(once).graph is once
    assert once.owners == graph.owners
    assert [o.name for o in once.outputs] == [o.name for o in graph.outputs]


def test_prune_keeps_owners_and_what_outputs_read():
    graph = graph_of("e = mlp(obs); output a = dense(e, 3), b = dense(e, 4)")
    one = replace(graph, outputs=graph.outputs[:1])
    after, remarks, _ = prune(one)
    assert [node.owner for node in after.nodes if node.owner] == ["e.dense", "e.dense_1", "a"]
    assert after.owners == graph.owners
    assert worded(one, remarks[0]) == "1 node that no output reads"
    assert prune(after).graph is after


def test_a_pass_that_breaks_the_graph_is_named():
    def break_it(graph: Graph):
        return Rewrite(replace(graph, nodes=graph.nodes[:-1]), (), range(len(graph.nodes)))

    with pytest.raises(DiagnosticError, match="after breaker is broken"):
        run_passes(graph_of(SHARED), (Pass("breaker", "bitwise", break_it),))


def test_levels_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="level 7"):
        optimise(graph_of(SHARED), 7)


def test_a_slice_reads_only_what_it_needs():
    graph = graph_of(SHARED)
    part = compose(graph, ["v"])
    assert [owner.path for owner in part.owners] == ["f.dense", "f.dense_1", "v"]
    verify(part, "slice")
    assert [o.name for o in compose(graph, ["v", "pi"]).outputs] == ["v", "pi"]
    with pytest.raises(KeyError, match="did you mean 'pi'"):
        compose(graph, ["p1"])


DDPG = "encoder e = mlp(obs); mu = head(e); q = head(mlp(concat(e, act))); output mu, q"


def test_binding_an_input_puts_an_output_in_its_place():
    graph = graph_of(DDPG, VECTOR, unbounded((3,)))
    bound = compose(graph, ["q"], {"act": "mu"})
    verify(bound, "bind")
    assert bound.inputs == ("obs",)
    after, _ = optimise(bound, 1)
    assert [node.owner for node in after.nodes].count("e.dense") == 1
    assert [owner.path for owner in bound.owners] == [
        "e.dense",
        "e.dense_1",
        "mu",
        "q.dense",
        "q.dense_1",
        "q",
    ]


def test_binding_refuses_other_types_cycles_and_unknown_inputs():
    graph = graph_of(DDPG, VECTOR, unbounded((3,)))
    with pytest.raises(ValueError, match=r"is f32\[\], input 'act' takes f32\[3\]"):
        compose(graph, ["q"], {"act": Call("q")})
    with pytest.raises(ValueError, match="'act' is bound, but nothing here reads it"):
        compose(graph, ["mu"], {"act": "mu"})
    with pytest.raises(KeyError, match="no input 'goal'"):
        compose(graph, ["q"], {"goal": "mu"})
    loop = graph_of(
        "mu = head(concat(obs, act)); q = head(concat(obs, act)); output mu, q", VECTOR, unbounded((3,))
    )
    with pytest.raises(ValueError, match="depends on input"):
        compose(loop, ["q"], {"act": "mu"})


def test_bound_inputs_may_form_chains_but_no_cycles():
    text = "input a: f32[4]; input b: f32[4]; x = tanh(b); y = tanh(a); z = y + 1; output x, y, z"
    graph = graph_of(text)
    with pytest.raises(ValueError, match="depends on input"):
        compose(graph, ["x"], {"a": "x", "b": "y"})
    chained = compose(graph, ["x"], {"b": "z"})
    assert chained.inputs == ("a",)
    passed = graph_of("input a: f32[4]; input b: f32[4]; output x = a, y = tanh(b), z = tanh(obs)")
    assert compose(passed, ["y"], {"b": "x", "a": "z"}).inputs == ("obs",)


def test_a_transposed_image_can_be_bound():
    text = "input prev: image[3, 8, 8]\noutput a = prev + 0.5, b = obs * 2"
    graph = graph_of(text, Image((3, 8, 8), channels_last=True))
    assert compose(graph, ["b"], {"obs": "a"}).inputs == ("prev",)


def test_dedup_is_linear_and_does_not_recurse():
    nodes = [Node("input", (), (("name", "obs"), ("dtype", "f32"), ("shape", (4,)), ("path", ())), f32(4))]
    nodes += [Node("add", (index, index), (), f32(4)) for index in range(20_000)]
    graph = Graph(tuple(nodes), (Output("y", None, len(nodes) - 1),), ())
    assert dedup(graph).graph == graph
