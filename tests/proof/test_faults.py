"""The oracles find faults: planted passes, values written to, products computed twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import rl2graph
from rl2graph.backend.loading import load_class
from rl2graph.compiler.passes.base import Pass, Remark, Rewrite, replaced
from rl2graph.compiler.passes.dedup import DEDUP, dedup
from rl2graph.compiler.passes.prune import PRUNE
from rl2graph.compiler.pipeline import LEVELS, PassReport, optimise, run_passes
from rl2graph.testing.generation.programs import Program
from tests.proof import running
from tests.proof.chunks import run_chunk
from tests.proof.dispatching import products_of, watched
from tests.proof.draws import draw
from tests.proof.oracles import fingerprint_oracle, graph_oracle, run_oracle, same_graph, slot_faults
from tests.proof.rounding import GRADIENT, far, unforgiven
from tests.support import SHARED, TWO, VECTOR, graph_of


def wrong(rewrite, name="dedup"):
    return Pass(name, "bitwise", rewrite)


def merging(alike):
    """A pass that merges each node with the first one before it that is `alike` and reads the same."""

    def run(graph):
        stands, merged = {}, {}
        for index, node in enumerate(graph.nodes):
            operands = tuple(stands[operand] for operand in node.operands)
            found = (
                first
                for first in range(index)
                if first not in merged
                and graph.nodes[first].op == node.op
                and tuple(stands[o] for o in graph.nodes[first].operands) == operands
                and alike(graph.nodes[first], node)
            )
            stands[index] = next(found, index)
            if stands[index] != index:
                merged[index] = stands[index]
        return replaced(graph, merged, [Remark("merged", (first, index)) for index, first in merged.items()])

    return run


def swapping(graph):
    nodes = tuple(n.over(n.operands[::-1]) if n.op == "sub" else n for n in graph.nodes)
    return Rewrite(replace(graph, nodes=nodes), (), range(len(nodes)))


def last_output_first(graph):
    return Rewrite(replace(graph, outputs=graph.outputs[::-1]), (), range(len(graph.nodes)))


def lying(graph):
    after, remarks, number = dedup(graph)
    return Rewrite(after, remarks, [0, *list(number)[1:]][::-1])


def forgetting(graph):
    return Rewrite(replace(graph, owners=()), (), range(len(graph.nodes)))


def silent(graph):
    return Rewrite(dedup(graph).graph, (), dedup(graph).number)


def dropping_a_detach(graph):
    gone = {index: node.operands[0] for index, node in enumerate(graph.nodes) if node.op == "detach"}
    return replaced(graph, gone, [Remark("folded", (operand, index)) for index, operand in gone.items()])


TWINS = "output a = dense(obs, 3), b = dense(obs, 3)"
ZEROS = "output a = leaky_relu(obs, 0.0), b = leaky_relu(obs, -0.0)"
DRAWS = "output a = dropout(obs), b = dropout(obs)"
TIMES = "output a = obs - tanh(obs), b = tanh(obs) - obs"

PLANTED = [
    (SHARED, wrong(lambda graph: Rewrite(graph, (), range(len(graph.nodes)))), "stay two"),
    (TWINS, wrong(merging(lambda a, b: a.attributes == b.attributes)), "are merged"),
    (ZEROS, wrong(merging(lambda a, b: (a.owner, a.attributes) == (b.owner, b.attributes))), "are merged"),
    (DRAWS, wrong(merging(lambda a, b: a.attributes == b.attributes)), "are merged"),
    (TIMES, wrong(swapping, "canonicalise"), "over"),
    (TIMES, wrong(last_output_first, "prune"), "outputs have other names"),
    (SHARED, wrong(forgetting, "prune"), "owners are others"),
    (SHARED, wrong(lying), "becomes"),
    (SHARED, wrong(silent), "the remarks tell of 0"),
    ("output a = detach(obs) + obs", wrong(dropping_a_detach, "fold"), "two computations"),
]


@pytest.mark.parametrize(("text", "planted", "said"), PLANTED, ids=lambda value: str(value)[:12])
def test_the_graph_oracle_finds(text, planted, said):
    graph = graph_of(text)
    after, remarks, number = planted.run(graph)
    reports = [PassReport(planted.name, planted.keeps, graph, after, remarks, number)]
    assert any(said in fault for fault in graph_oracle(graph, reports)), graph_oracle(graph, reports)


def test_the_graph_oracle_wants_all_that_the_passes_can_find_and_no_more():
    graph = graph_of("output a = relu(relu(obs))")
    _, reports = run_passes(graph, (DEDUP, PRUNE))
    assert graph_oracle(graph, reports) == []  # without folding there is nothing to do
    _, reports = run_passes(graph, LEVELS[1])
    late = [
        replace(r, after=graph, before=graph, number=range(len(graph.nodes)), remarks=()) for r in reports
    ]
    assert any("fold" in fault for fault in graph_oracle(graph, late))


def test_the_graph_oracle_compares_by_bits():
    zero, negative = (graph_of(f"output a = leaky_relu(obs, {z})") for z in ("0.0", "-0.0"))
    assert zero.nodes == negative.nodes
    assert not same_graph(zero, negative)


def test_the_slot_oracle_finds_two_states_of_one_call():
    graph = graph_of("module f(x) = lstm(x, 4); output a = f(obs), b = f(obs), c = f(tanh(obs))")
    assert list(slot_faults(graph)) == []
    _, two, *_ = [index for index, node in enumerate(graph.nodes) if node.op == "lstm"]
    apart = [replace(n, slot="g") if index == two else n for index, n in enumerate(graph.nodes)]
    assert "have two states" in next(slot_faults(replace(graph, nodes=tuple(apart))))
    shared = [replace(n, slot="g") if n.op == "lstm" else n for n in graph.nodes]
    assert "share a state" in next(slot_faults(replace(graph, nodes=tuple(shared))))


@pytest.mark.parametrize("text", [TWINS, ZEROS, DRAWS])
def test_the_fingerprint_oracle_finds_values_that_changed(text):
    graph = graph_of(text)
    alike = wrong(merging(lambda a, b: a.attributes == b.attributes))
    _, reports = run_passes(graph, (alike,))
    assert any("another value" in fault for fault in fingerprint_oracle(graph, reports, 0).faults)


def test_the_fingerprint_oracle_finds_what_stayed_two():
    graph = graph_of(SHARED)
    found = fingerprint_oracle(graph, (), 0)
    assert any("two nodes" in fault for fault in found.faults)
    assert found.duplicates == 1
    assert fingerprint_oracle(graph, optimise(graph, 1)[1], 0).faults == []
    sums = graph_of("t = tanh(obs); output a = obs + t, b = t + obs")
    apart = fingerprint_oracle(sums, optimise(sums, 1)[1], 0)
    assert (apart.faults, apart.equal_alone) == ([], {("add", "add"): 1})


@pytest.mark.parametrize(
    ("text", "planted", "said"),
    [
        (ZEROS, merging(lambda a, b: a.attributes == b.attributes), "its bits are not those of -O0"),
        (TWINS, merging(lambda a, b: a.attributes == b.attributes), "its bits are not those of -O0"),
        (TIMES, swapping, "not what the interpreter gives"),
        (
            "output a = detach(obs * 2) + obs",
            dropping_a_detach,
            "the gradient of input obs is not that of -O0",
        ),
        (DRAWS, merging(lambda a, b: a.attributes == b.attributes), "the noise has other names"),
    ],
)
def test_the_run_oracle_finds(text, planted, said, monkeypatch):
    monkeypatch.setitem(LEVELS, 1, (wrong(planted),))
    faults = run_oracle(Program(text, VECTOR, TWO), 0).faults
    assert any(said in fault for fault in faults), faults


def result_at(drawn):
    """The gradient of relu."""
    return {f"{GRADIENT}obs": (drawn.inputs["obs"] > 0).double()}


@pytest.mark.parametrize(("at", "left"), [(0.0, 0), (1e-15, 0), (1e-9, 1), (0.5, 1)])
def test_what_is_apart_is_forgiven_at_a_kink_alone(at, left):
    drawn = replace(draw(graph_of("output a = relu(obs)"), 0), inputs={"obs": torch.full((3, 4), at)})
    drawn.inputs["obs"] = drawn.inputs["obs"].double()
    wanted = result_at(drawn)
    other = {name: 1 - value for name, value in wanted.items()}
    apart = list(far(other, wanted, 1e-10, "{} is wrong"))
    assert [each.said for each in apart] == ["the gradient of obs is wrong"]
    assert len(unforgiven(apart, drawn, result_at, wanted)) == left


def test_one_bad_draw_of_several_is_a_fault(monkeypatch):
    def wrong_once(*given):
        calls.append(given)
        result = call(*given)
        return {name: value + (len(calls) == 8) for name, value in result.items()}

    calls, call = [], running.call
    monkeypatch.setattr(running, "call", wrong_once)  # 4 calls for bits, then 2 a draw
    found = run_oracle(Program("output a = tanh(obs)", VECTOR, TWO), 0)
    assert found.faults == ["train: a is not what the interpreter gives"]
    assert found.forgiven == 0


def test_products_that_are_dispatched_twice_are_counted():
    model = rl2graph.compile(SHARED, observation_space=VECTOR, action_space=TWO, level=0)
    entry = model.entry(["pi", "v"])
    merged = optimise(entry.graph, 1)[0]
    watch = watched(lambda: entry(torch.randn(4, 4)), grad=True)
    assert (watch.products, products_of(entry.graph, (4,), True), products_of(merged, (4,), True)) == (
        6,
        6,
        4,
    )


CODE = """import torch

class Named(torch.nn.Module):
    def forward(self, x):
        a = torch.tanh(x)
        b = {text}
        return a + b
"""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a.relu_()", {"aten.relu_.default"}),
        ("x.mul_(2)", {"aten.mul_.Tensor"}),
        ("torch.relu(a)", set()),
        ("torch.zeros_like(a).add_(1)", set()),  # nobody else has it
    ],
)
def test_writing_to_a_value_with_a_name_is_seen(text, written):
    module = load_class(CODE.format(text=text), "Named")()
    assert watched(lambda: module(torch.randn(3)), grad=False).written == written


def test_a_chunk_notes_a_failure_with_its_seed(monkeypatch):
    monkeypatch.setitem(LEVELS, 1, (wrong(swapping, "canonicalise"),))
    found = run_chunk("graph", 0, 40)
    assert found.counts["programs"] == 40
    assert {"seed", "reasons"} == set(found.failures[0])
