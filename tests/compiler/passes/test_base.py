"""What passes are made of: replacing nodes, running several, finding where a node went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rl2graph.compiler.passes.base import GONE, Pass, Remark, Rewrite, replaced, unchanged
from rl2graph.compiler.passes.dedup import DEDUP
from rl2graph.compiler.passes.inline import INLINE
from rl2graph.compiler.passes.prune import PRUNE
from rl2graph.compiler.pipeline import LEVELS, landing, optimise, run_passes
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph
from tests.support import SHARED, graph_of

CHAIN = """%0 = input() {name = "obs", shape = [4]} : f32[4]  # obs
%1 = flatten(%0) : f32[4]  # a
%2 = tanh(%1) : f32[4]  # b
%3 = relu(%2) : f32[4]  # c
%4 = tanh(%0) : f32[4]  # d
%5 = neg(%3) : f32[4]  # e
output y = %3
output z (pi) = %4
"""


def chain() -> Graph:
    return Graph.from_text(CHAIN)


def test_what_is_replaced_is_read_elsewhere():
    remark = Remark("merged", (2, 4))
    graph, remarks, number = replaced(chain(), {1: 0, 4: 2}, [remark])
    assert remarks == (remark,)
    assert list(number) == [0, 0, 1, 2, 1, 3]
    assert [node.op for node in graph.nodes] == ["input", "tanh", "relu", "neg"]
    assert [node.operands for node in graph.nodes] == [(), (0,), (1,), (2,)]
    assert [(o.name, o.role, o.node) for o in graph.outputs] == [("y", None, 2), ("z", "pi", 1)]
    assert [place.name for place in graph.provenance] == ["obs", "b", "c", "e"]


def test_a_stand_in_may_have_a_stand_in():
    _, _, number = replaced(chain(), {1: 0, 2: 1, 3: 2}, [])
    assert list(number) == [0, 0, 0, 0, 1, 2]


def test_nothing_replaced_is_the_graph_itself():
    graph = chain()
    for rewrite in (replaced(graph, {}, []), unchanged(graph)):
        assert rewrite.graph is graph
        assert rewrite.remarks == ()
        assert list(rewrite.number) == list(range(6))
    assert replaced(graph, {}, [Remark("kept apart", (2, 4))]).remarks == (Remark("kept apart", (2, 4)),)


def test_graphs_without_provenance_keep_none():
    graph = replace(chain(), provenance=())
    assert replaced(graph, {1: 0}, []).graph.provenance == ()


def test_passes_run_in_order_and_report_what_they_were_given_and_gave():
    graph = chain()
    after, reports = run_passes(graph, (INLINE, DEDUP, PRUNE))
    assert [report.name for report in reports] == ["inline", "dedup", "prune"]
    assert [report.keeps for report in reports] == ["bitwise"] * 3
    assert [report.before for report in reports] == [graph, reports[0].after, reports[1].after]
    assert reports[-1].after is after
    assert [len(report.after.nodes) for report in reports] == [5, 4, 3]
    assert [list(report.number) for report in reports] == [
        [0, 0, 1, 2, 3, 4],
        [0, 1, 2, 1, 3],
        [0, 1, 2, GONE],
    ]
    assert [landing(reports, node) for node in range(6)] == [0, 0, 1, 2, 1, GONE]
    assert [landing(reports[:1], node) for node in range(6)] == [0, 0, 1, 2, 3, 4]
    assert landing((), 3) == 3
    assert run_passes(graph, ()) == (graph, ())


def test_what_is_gone_stays_gone():
    after, reports = run_passes(chain(), (PRUNE, INLINE, DEDUP))
    assert landing(reports, 5) == GONE == -1
    assert reports[2].number[-1] == len(after.nodes) - 2  # where an index of -1 would have led


def test_remarks_are_worded_by_kind():
    _, reports = run_passes(chain(), (INLINE, DEDUP, PRUNE))
    inlined = "a (%1) is obs (%0): flatten passes it on"
    assert reports[0].worded() == reports[0].worded("inlined") == (inlined,)
    assert reports[0].worded("merged") == ()
    assert reports[1].worded("kept apart", "merged") == ("d (%3) is b (%1): the same tanh",)
    assert reports[2].worded() == ("1 node that no output reads",)


def broken(graph: Graph) -> Graph:
    return replace(graph, nodes=graph.nodes[:-1], provenance=())


def test_the_graph_is_verified_before_the_first_pass_and_after_each():
    graph = broken(graph_of(SHARED))
    with pytest.raises(DiagnosticError, match="RLG701") as caught:
        run_passes(graph, (), "somebody")
    assert "after somebody is broken" in str(caught.value)
    with pytest.raises(DiagnosticError, match="after lowering is broken"):
        run_passes(graph, (PRUNE,))
    with pytest.raises(DiagnosticError, match="after composing is broken"):
        optimise(graph, 0, "composing")
    with pytest.raises(DiagnosticError, match="after lowering is broken"):
        optimise(graph, 1)


def test_the_pass_that_breaks_the_graph_is_named_whichever_it_is():
    def good(graph: Graph) -> Rewrite:
        return unchanged(replace(graph))

    def bad(graph: Graph) -> Rewrite:
        return unchanged(broken(graph))

    for bad_one in range(3):
        passes = [Pass(f"pass_{i}", "bitwise", bad if i == bad_one else good) for i in range(3)]
        with pytest.raises(DiagnosticError, match=f"after pass_{bad_one} is broken"):
            run_passes(graph_of(SHARED), passes)


def test_levels():
    assert [step.name for step in LEVELS[1]] == ["inline", "canonicalise", "fold", "dedup", "prune"]
    assert {step.keeps for step in LEVELS[1]} == {"bitwise"}
    graph = graph_of(SHARED)
    assert optimise(graph, 0) == (graph, ())
    with pytest.raises(ValueError, match=r"optimisation level 2 is not one of \[0, 1\]"):
        optimise(graph, 2)
