"""Rewrites that keep the function keep its digest, on random programs and on the shipped specs."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.spec import parse
from rl2graph.ir.canonical import function_digest, match
from rl2graph.lang import ast
from rl2graph.testing import PRESERVING, random_program
from rl2graph.testing.rewrites.preserving import (
    DUPLICATE_CALL,
    EXPAND_CALL,
    INJECT_DEAD_BRANCH,
    INLINE_BINDING,
    OUTLINE_BINDING,
    OUTLINE_MACRO,
    OUTLINE_MODULE,
    PERMUTE_KEYWORDS,
    RENAME,
    REORDER,
)
from rl2graph.zoo import zoo
from tests.support import graph_of

COUNT = 2_000
every_rewrite = pytest.mark.parametrize("rewrite", PRESERVING, ids=lambda rewrite: rewrite.name)


def same(program, text: str) -> bool:
    spaces = program.observation, program.action
    one, other = graph_of(program.text, *spaces), graph_of(text, *spaces)
    assert function_digest(one) == function_digest(other), f"{program.text}\n---\n{text}"
    return bool(match(one, other))


@pytest.mark.parametrize("part", range(len(PRESERVING)))
def test_random_programs_keep_their_function(part):
    """One rewrite each, another on top for some; every rewrite on a tenth of the seeds."""
    rewritten = Counter()
    for seed in range(part, COUNT, len(PRESERVING)):
        program, random = random_program(seed), Random(seed)
        chosen = PRESERVING[(seed + seed // len(PRESERVING)) % len(PRESERVING)]
        text = chosen(program.text, random)
        if text is None:
            continue
        rewritten[chosen.name] += 1
        if random.random() < 0.3:
            text = random.choice(PRESERVING)(text, random) or text
        assert same(program, text), f"{chosen.name}\n{program.text}\n---\n{text}"
    assert sum(rewritten.values()) > COUNT / len(PRESERVING) / 2
    assert len(rewritten) == len(PRESERVING)


@every_rewrite
def test_shipped_specs_keep_their_function(rewrite):
    applied = 0
    for spec in zoo():
        text = rewrite(spec.text, Random(spec.name))
        if text is None:
            continue
        applied += 1
        one, other = (
            analyse(parse(each, folder=spec.path.parent), spec.interface()) for each in (spec.text, text)
        )
        assert other.graph is not None, f"{spec.name}: {other.diagnostics}\n{text}"
        assert one.graph is not None
        assert match(one.graph, other.graph), f"{spec.name}\n{text}"
    assert applied >= 5


def applied(rewrite, text: str, seeds: int = 40) -> set[str]:
    """Every result of the rewrite on a text."""
    found = {rewrite(text, Random(seed)) for seed in range(seeds)}
    return {each for each in found if each is not None}


def test_a_rewrite_says_where_there_is_nothing_to_rewrite():
    for rewrite in PRESERVING:
        assert rewrite("this is no spec", Random(0)) is None
    assert PERMUTE_KEYWORDS("pi = head(obs)", Random(0)) is None
    assert INLINE_BINDING("pi = head(obs)", Random(0)) is None


def test_names_that_callers_know_are_kept():
    text = "param n = 4\ne = dense(obs, n)\nh = lstm(e, 3)\nloss l = mean(e)\noutput h, pi = head(h), e2 = e"
    for each in applied(RENAME, text):
        tree = parse(each).tree
        names = [statement.name.text for statement in tree.statements if hasattr(statement, "name")]
        assert names[0] == "n"
        assert names[2:] == ["h", "l"]
        assert names[1] != "e"


def test_parameters_and_inner_bindings_are_renamed_with_their_keywords():
    text = "def f(x, k=3) { h = dense(x, k); return relu(h) }\noutput a = f(x=obs, k=2)"
    results = applied(RENAME, text)
    assert any("(r0=obs" in each for each in results)
    assert any("r0=3" in each and "r0=2" in each for each in results)
    assert any("r0 = dense" in each and "relu(r0)" in each for each in results)


def test_statements_move_only_where_nothing_depends_on_their_order():
    text = "encoder f(x) = batch_norm(x)\na = f(obs)\nb = f(obs * 2)\nc = tanh(obs)\noutput a, b, c"
    orders = {
        tuple(line[0] for line in each.splitlines() if line[1] == " ") for each in applied(REORDER, text)
    }
    assert len(orders) >= 2
    assert all(order.index("a") < order.index("b") for order in orders)


def test_state_without_weights_goes_by_the_first_of_equals():
    text = "a = memory(obs, 2)\nb = memory(obs, 2)\nc = tanh(obs)\noutput a, b, c"
    assert all(each.index("a = ") < each.index("b = ") for each in applied(REORDER, text))


def test_what_owns_weights_is_inlined_once_and_nowhere_twice():
    shared = "e = mlp(obs)\npi = head(e)\nv = head(e)"
    assert not applied(INLINE_BINDING, shared)
    assert applied(INLINE_BINDING, "e = tanh(obs)\npi = head(e)\nv = head(e)") == {
        "\npi = head(tanh(obs))\nv = head(tanh(obs))"
    }
    in_an_ensemble = "e = mlp(obs)\nensemble[3] q = head(e)"
    assert not applied(INLINE_BINDING, in_an_ensemble)
    in_a_loop = "e = dense(obs, 4)\nx = obs |> for c in [4, 4] { add(e) }\noutput x"
    assert not applied(INLINE_BINDING, in_a_loop)


def test_calls_are_expanded_where_that_makes_as_many_networks():
    text = "def f(x) = x + dense(x, 4)\noutput a = f(dense(obs, 4))"
    assert not applied(EXPAND_CALL, text)
    text = "def f(x) = tanh(dense(x, 4))\noutput a = f(dense(obs, 4))"
    (expanded,) = applied(EXPAND_CALL, text)
    assert expanded.endswith("output a = (tanh(dense(dense(obs, 4), 4)))")
    twice = "encoder f(x) = dense(x, 4)\noutput a = f(obs), b = f(obs)"
    assert not applied(EXPAND_CALL, twice)


def test_outlined_parts_are_what_they_were():
    text = "output a = obs |> dense(4) |> tanh |> dense(3)"
    results = applied(OUTLINE_BINDING, text)
    assert "t0 = obs |> dense(4) |> tanh\noutput a = t0 |> dense(3)" in results
    assert applied(OUTLINE_MACRO, "e = tanh(obs)\noutput e") == {
        "def m0(a0_0) = tanh(a0_0)\ne = m0(obs)\noutput e",
        "def m0() = tanh(obs)\ne = m0()\noutput e",
    }
    assert any("encoder m0" in each for each in applied(OUTLINE_MODULE, "e = dense(obs, 3)\noutput e"))


def test_only_what_owns_nothing_is_duplicated():
    text = "e = dense(obs, 3)\npi = head(e)\nv = head(e)"
    assert not applied(DUPLICATE_CALL, text)
    assert not applied(DUPLICATE_CALL, "e = dropout(obs)\noutput a = e + e")
    assert "e = tanh(obs)\nd0 = tanh(obs)\noutput a = e + d0" in applied(
        DUPLICATE_CALL, "e = tanh(obs)\noutput a = e + e"
    )


def test_dead_branches_reach_no_output():
    text = "e = mlp(obs)\npi = head(e)"
    for each in applied(INJECT_DEAD_BRANCH, text):
        graph = graph_of(each)
        assert [owner.path for owner in graph.owners] == ["e.dense", "e.dense_1", "pi"]
        assert any(
            "dead" in getattr(s, "name", ast.Identifier(None, 0, 0, "")).text
            for s in parse(each).tree.statements
        )


def test_a_role_stays_an_output():
    """Without an `output`, a binding named after a role is one as long as no other binding reads it."""
    text = "aux = value(obs)\npi = head(obs)\nloss l = 2 * mse(tanh(aux), aux)"
    for rewrite in PRESERVING:
        for each in applied(rewrite, text, 15):
            assert set(graph_of(each).output) == {"aux", "pi", "l"}, each


def test_a_dead_call_renames_no_state():
    text = "encoder f(x) = lstm(x, 3)\nv = head(f(obs))"
    dead = text.replace("\n", "\ndead = f(obs * 2)\n")
    assert match(graph_of(text), graph_of(dead))
