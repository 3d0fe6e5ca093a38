"""Specs that are one function: what `rl2graph.equivalent` says, and weights that go from one to the other."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from time import perf_counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rl2graph
from rl2graph.compiler.comparison.difference import difference
from rl2graph.compiler.comparison.equivalence import compare
from rl2graph.compiler.spec import as_spec, load
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.canonical import canonical_form, function_digest, match, training_digest
from rl2graph.ir.graph import Graph
from rl2graph.ir.verify import verify
from rl2graph.spaces import Discrete, Vector
from rl2graph.zoo import zoo
from tests.cli.pairs import DIFFERENT, SAME
from tests.ir.graphs import changed, random_graph, rewritten
from tests.ir.test_canonical import chain
from tests.support import ROOT, graph_of

SPACES = {"observation_space": Vector((4,)), "action_space": Discrete(2)}
SEEDS = st.integers(0, 10**6)


@pytest.mark.parametrize("name", SAME)
def test_equivalent_specs_have_one_digest_and_give_each_other_their_weights(name):
    one, other = SAME[name]
    found = rl2graph.equivalent(one, other, **SPACES)
    assert found
    assert (found.reason, found.spans, found.places) == (None, (None, None), ((), ()))
    assert found.function_digests[0] == found.function_digests[1]
    model_a, model_b = (
        rl2graph.compile(text, **SPACES, seed=seed).eval() for seed, text in enumerate(SAME[name])
    )
    model_a.load_state_dict(found.translate(model_b.state_dict()))
    obs = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    for left, right in zip(sorted(model_a(obs).items()), sorted(model_b(obs).items()), strict=True):
        assert torch.equal(left[1], right[1])


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_specs_have_another_digest_and_a_place_on_some_side(name):
    found = rl2graph.equivalent(*DIFFERENT[name], **SPACES)
    assert not found
    assert found.reason
    assert any(found.spans)
    assert found.function_digests[0] != found.function_digests[1]
    assert found.owners == {}
    with pytest.raises(ValueError, match=r"weights go to an equivalent spec alone, and .+"):
        found.translate({})


def test_statistics_are_translated_too_and_strangers_refused():
    one, other = (
        "h = running_norm(obs) |> dense(8)\npi = head(h)",
        "pi = obs |> running_norm |> dense(8) |> head",
    )
    found = rl2graph.equivalent(one, other, **SPACES)
    model = rl2graph.compile(other, **SPACES)
    assert set(found.translate(model.state_dict())) == set(rl2graph.compile(one, **SPACES).state_dict())
    with pytest.raises(KeyError, match="is no key of B"):
        found.translate({"no.such.weight": 0})


def test_no_torch_is_needed():
    code = (
        "import sys, rl2graph\n"
        "found = rl2graph.equivalent('encoder e = mlp(obs); pi = head(e)', 'pi = obs |> mlp |> head')\n"
        "assert found and found.translate({'pi.dense.weight': 1}) == {'e.dense.weight': 1}, found\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"torch", "numpy", "networkx", "gymnasium"}


def test_paths_texts_specs_and_environments_are_taken():
    path = ROOT / "specs" / "ppo_module.rl2"
    shared = (ROOT / "specs" / "ppo_shared.rl2").read_text()
    for a, b in ((path, shared), (str(path), rl2graph.parse(shared)), (load(path), as_spec(shared))):
        assert rl2graph.equivalent(a, b, env="CartPole-v1")
    with pytest.raises(TypeError, match="not both"):
        rl2graph.equivalent(path, shared, env="CartPole-v1", **SPACES)


def test_parameters_are_given_to_both_or_to_one():
    text, fixed = "param n = 4\npi = head(dense(obs, n))", "pi = head(dense(obs, 8))"
    assert not rl2graph.equivalent(text, fixed, **SPACES)
    assert rl2graph.equivalent(text, fixed, **SPACES, params={"n": 8})
    assert rl2graph.equivalent(text, text, **SPACES, params={"n": 8})
    assert rl2graph.equivalent(text, fixed, **SPACES, params_a={"n": 8})
    assert not rl2graph.equivalent(text, text, **SPACES, params_b={"n": 8})
    for values in ({"params": {"m": 1}}, {"params_b": {"n": 8}}):
        with pytest.raises(DiagnosticError, match="RLG211"):
            rl2graph.equivalent(text, fixed, **SPACES, **values)


def test_errors_of_both_are_raised_together():
    with pytest.raises(DiagnosticError) as caught:
        rl2graph.equivalent("pi = haed(obs)", "pi = head(ob)", **SPACES)
    assert [found.code for found in caught.value.diagnostics] == ["RLG202", "RLG201"]


def test_groups_of_agents_are_told_apart():
    text = "agents {} {{\n  pi = head(obs)\n}}\nagents {} {{\n  v = head(obs)\n}}"
    assert rl2graph.equivalent(text.format("one", "two"), text.format("one", "two"))
    assert not rl2graph.equivalent(text.format("one", "two"), text.format("two", "one"))


def test_joints_are_over_named_agents():
    text = "q = concat(joint(obs), joint(act)) |> dense(8) |> head"
    two, three = (
        rl2graph.equivalent(text, text, **SPACES, agents=names) for names in (["a", "b"], ["a", "b", "c"])
    )
    assert two
    assert two.function_digests[0] != three.function_digests[0]


def test_shipped_specs_are_themselves_and_no_other():
    same = set()
    graphs = {}
    for spec in zoo():
        analysis = spec.check()
        assert compare(analysis.graph, analysis.graph).same_training, spec.name
        assert not difference(analysis.graph, analysis.graph), spec.name
        graphs[spec.name] = analysis.graph
        without = graph_of(spec.text, None, None) if spec.name not in ("a2c_shared",) else None
        assert without is None or match(without, without)
    forms = {name: canonical_form(graph) for name, graph in graphs.items()}
    for one, other in combinations(graphs, 2):
        if compare(graphs[one], graphs[other]):
            same.add((one, other))
        assert ((one, other) in same) == (forms[one] == forms[other])
    assert same == {("ppo_module", "ppo_shared")}


@pytest.mark.parametrize("level", [0, 1])
def test_digests_of_models_are_those_of_their_specs(level):
    analysis = rl2graph.compile(SAME["duplicates"][0], **SPACES, level=level)
    literal = graph_of(SAME["duplicates"][1])
    assert function_digest(analysis.graph) == function_digest(literal)
    assert training_digest(analysis.graph) == training_digest(literal)


@given(SEEDS, SEEDS)
def test_a_difference_says_what_a_comparison_says(seed, other):
    a, b = random_graph(seed, 14), rewritten(changed(random_graph(seed, 14), other), seed)
    if not _is_sound(b):
        return
    found = compare(a, b)
    listed = difference(a, b)
    assert bool(found) is not listed.function_differs
    if found:
        assert listed.renamed == {one: twin for one, twin in found.owners.items() if one != twin}
    assert sorted([*listed.removed, *listed.pairs]) == list(range(len(listed.a.nodes)))
    assert sorted([*listed.added, *listed.pairs.values()]) == list(range(len(listed.b.nodes)))


def _is_sound(graph: Graph) -> bool:
    try:
        verify(graph, "a change")
    except DiagnosticError:
        return False
    return True


def test_large_graphs_are_compared_without_recursion_in_linear_time():
    start = perf_counter()
    assert compare(chain(100_000), chain(100_000, "relu")).reason == "A has `tanh` where B has `relu`"
    found = difference(chain(30_000), chain(30_000, "relu"))
    assert (found.removed, found.added, found.changed) == ((30_000,), (30_000,), ())
    assert perf_counter() - start < 60
