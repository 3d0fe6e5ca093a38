"""Remarks in words: each kind, each reason for keeping two lookalikes, names and lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

import rl2graph
from rl2graph.compiler.passes.base import Remark
from rl2graph.compiler.passes.wording import shown, why_apart, worded
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.report import Report, cost
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.types import f32
from tests.support import TWO, VECTOR, graph_of

GRAPH = """owner f: dense, weight[4, 4] = orthogonal(1.0), bias[4] = constant(0.0)
%0 = input() {name = "obs", shape = [4]} : f32[4]  # obs
%1 = dense(%0) {out = 4} @f : f32[4]  # f
%2 = dense(%0) {out = 4} @f : f32[4]
%3 = flatten(%1) : f32[4]  # e.flatten
%4 = softmax(%3) {axis = 0} : f32[4]  # e
%5 = slice(%4) {start = -2, stop = 4, axis = 0} : f32[2]
%6 = relu(%4) : f32[4]
output y = %6
"""


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        (Remark("merged", (1, 2)), "%2 is f (%1): the same dense with the weights of f"),
        (Remark("merged", (3, 6)), "%6 is e.flatten (%3): the same relu"),
        (Remark("inlined", (1, 3)), "e.flatten (%3) is f (%1): flatten passes it on"),
        (Remark("folded", (4, 6)), "%6 is e (%4): relu applied twice is applied once"),
        (Remark("folded", (1, 3)), "e.flatten (%3) is f (%1): flatten by this number changes no bit"),
        (Remark("rewritten", (4,)), "e (%4): axis=0 is axis=-1"),
        (Remark("rewritten", (5,)), "%5: start=-2 is start=2, stop=4 is stop=none, axis=0 is axis=-1"),
        (Remark("pruned", (5,)), "1 node that no output reads"),
        (Remark("pruned", (2, 5)), "2 nodes that no output reads"),
        (
            Remark("kept apart", (1, 4)),
            "f (%1) and e (%4) look alike, but one is `dense`, the other `softmax`",
        ),
    ],
)
def test_each_kind_of_remark(remark, said):
    assert worded(Graph.from_text(GRAPH), remark) == said


X = Node("dropout", (0,), (("p", 0.5),), f32(4), "f", "online", 1, "s")


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (X, replace(X, op="noise"), "one is `dropout`, the other `noise`"),
        (X, replace(X, operands=(0, 1, 2)), "one has 1 operands, the other 3"),
        (X, replace(X, attributes=(("p", 0.25),)), "`p` is 0.5 in one, 0.25 in the other"),
        (
            replace(X, attributes=(("p", 0.0), ("q", 1))),
            replace(X, attributes=(("p", 0.0), ("q", 2))),
            "`q` is 1 in one, 2 in the other",
        ),
        (
            replace(X, attributes=(("p", 0.0),)),
            replace(X, attributes=(("p", -0.0),)),
            "`p` is 0.0 in one, -0.0 in the other",
        ),
        (
            replace(X, attributes=(("p", 1),)),
            replace(X, attributes=(("p", True),)),
            "`p` is 1 in one, true in the other",
        ),
        (X, replace(X, owner="g", version="target"), "f and g own weights of their own"),
        (X, replace(X, owner=None), "f and None own weights of their own"),
        (
            X,
            replace(X, version="target", evaluation=2),
            "versions online and target of f are two sets of weights",
        ),
        (
            X,
            replace(X, evaluation=2, slot="t"),
            "they are two evaluations of `dropout`, each with noise of its own",
        ),
        (
            replace(X, op="batch_norm"),
            replace(X, op="batch_norm", evaluation=2),
            "they are two evaluations of `batch_norm`, each of which moves the statistics of f",
        ),
        (
            replace(X, op="running_norm"),
            replace(X, op="running_norm", evaluation=2),
            "they are two evaluations of `running_norm`, each of which moves the statistics of f",
        ),
        (X, replace(X, slot="t"), "each has a state of its own, s and t"),
        (
            X,
            replace(X, operands=(1,)),
            "their operands are in another order",
        ),
    ],
)
def test_each_reason_why_two_are_two(one, other, why):
    assert why_apart(one, other) == why


def test_two_nodes_of_one_op_have_equally_many_attributes():
    with pytest.raises(ValueError, match="argument 2 is longer"):
        why_apart(X, replace(X, attributes=(*X.attributes, ("q", 1))))


def test_a_value_is_shown_by_its_name_its_number_and_its_line():
    graph = graph_of("pi = head(obs)\n\nv = head(\n  obs\n)")
    assert [shown(graph, index) for index in range(3)] == [
        "obs (%0, line 1)",
        "pi (%1, line 1)",
        "v (%2, line 3)",
    ]
    assert shown(replace(graph, provenance=()), 1) == "%1"
    assert shown(replace(graph, provenance=("a", None, object())), 1) == "%1"
    assert shown(replace(graph, provenance=(Provenance("x"),) * 3), 1) == "x (%1)"


SPEC = """encoder f(x) = x |> flatten |> dense(4) |> softmax(axis=0)
pi = f(obs) |> relu |> relu |> dense(2)
v = f(obs) |> dense(1) |> select(0)
w = f(tanh(obs)) |> dense(1) |> select(0)
output pi, v, w
"""


def report() -> tuple[Graph, Report]:
    graph = graph_of(SPEC)
    after, passes = optimise(graph, 1)
    return graph, Report(1, cost(graph), cost(after), passes)


def test_a_report_gives_remarks_by_kind():
    _, found = report()
    assert found.merged == found.remarks("merged")
    assert found.kept_apart == found.remarks("kept apart")
    assert len(found.merged) == 2
    assert found.remarks() == tuple(text for step in found.passes for text in step.worded())
    assert found.remarks("folded", "inlined") == (
        "f.flatten (%1, line 1) is obs (%0, line 2): flatten passes it on",
        "f.flatten (%7, line 1) is obs (%0, line 2): flatten passes it on",
        "f.flatten (%13, line 1) is w.tanh (%12, line 4): flatten passes it on",
        "pi.relu (%4, line 2) is pi.relu (%3, line 2): relu applied twice is applied once",
    )


def test_the_json_of_a_report_says_what_each_pass_did_and_where():
    graph, found = report()
    shown_json = found.to_json()
    assert shown_json["evaluations"] == {"before": found.before.evaluations, "after": found.after.evaluations}
    assert (shown_json["level"], shown_json["merged"]) == (1, list(found.merged))
    assert shown_json["kept_apart"] == list(found.kept_apart)
    steps = {step["name"]: step for step in shown_json["passes"]}
    assert list(steps) == ["inline", "canonicalise", "fold", "dedup", "prune"]
    nodes = [len(graph.nodes), *(len(step.after.nodes) for step in found.passes)]
    assert [(s["nodes_before"], s["nodes_after"]) for s in steps.values()] == list(pairwise(nodes))
    assert {step["keeps"] for step in steps.values()} == {"bitwise"}
    first = steps["inline"]["remarks"][0]
    assert first["kind"] == "inlined"
    assert first["text"] == "f.flatten (%1, line 1) is obs (%0, line 2): flatten passes it on"
    assert first["nodes"] == [0, 1]
    assert [(place["line"], place["column"]) for place in first["places"]] == [(2, 8), (1, 21)]
    for step, done in zip(shown_json["passes"], found.passes, strict=True):
        assert [remark["text"] for remark in step["remarks"]] == list(done.worded())


def test_what_has_no_text_has_no_place():
    graph, _ = report()
    for provenance in ((), (Provenance("x"),) * len(graph.nodes)):
        _, passes = optimise(replace(graph, provenance=provenance), 1)
        shown_json = Report(1, cost(graph), cost(graph), passes).to_json()
        places = [place for step in shown_json["passes"] for r in step["remarks"] for place in r["places"]]
        assert places
        assert set(places) == {None}


def test_a_model_reports_what_its_passes_did():
    model = rl2graph.compile(SPEC, observation_space=VECTOR, action_space=TWO)
    assert model.report.to_json() == report()[1].to_json()
