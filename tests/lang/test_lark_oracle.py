"""The fast parser against Lark's own, on the same grammar."""

from __future__ import annotations

import re
import time

import lark
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rl2graph.diagnostics import Source
from rl2graph.lang.parser import parse_file
from tests.lang.lark_oracle import lark_tree, places, plain_parser
from tests.lang.syntax_programs import random_program
from tests.support import ROOT

SPECS = [*ROOT.glob("specs/*.rl2"), *ROOT.glob("rl2graph/compiler/*.rl2")]
TOKENS = [
    "encoder", "head", "shared", "def", "param", "input", "output", "loss", "import", "as", "ensemble", "in",
    "agents", "return", "for", "true", "a", "b", "headx", "1", "2.5", ".5", '"s"', "@", "(", ")", "[", "]",
    "{", "}", "=", "|>", ",", ":", ".", "+", "-", "*", "/", ";", "# c\n", "\n",
]  # fmt: skip
STATEMENTS = [
    "encoder e = f(a, k=[1, 2])", "shared head h(x, k=2) { y = x; return y }", "def g(x) = x |> f |> h(2)",
    "param n = -3 * (4 - 1.5)", "input o: { a: image[3, 4], \"b c\": f32 }", "output a, b: pi = f(a)",
    "loss l = f(a) - g(b)", 'import "x.rl2" as x', "ensemble[5] head q = f(a)", "agents a, b { z = a }",
    "@frozen @lr(1e-4) e = a.b[\"c\"](1)", "y = x |> for c in [1, 2] { f(c) |> g } |> h",
]  # fmt: skip


def ours(text):
    tree, found = parse_file(Source("t", text))
    return None if found else tree.statements


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_specs_have_the_tree_that_lark_gives(path):
    text = path.read_text(encoding="utf-8")
    assert places(ours(text)) == places(lark_tree(text))


def test_random_programs_have_the_tree_that_lark_gives():
    for seed in range(400):
        text = random_program(seed, statements=1 + seed % 5).text
        assert places(ours(text)) == places(lark_tree(text)), seed


def agree(text):
    """Both read the text alike or both refuse it; of indentation Lark knows nothing."""
    assume(text.strip() and "{}" not in re.sub(r"\s", "", text))
    try:
        theirs = lark_tree(text)
    except lark.exceptions.LarkError:
        theirs = None
    mine = ours(text)
    if mine is None:
        assert theirs is None or "\n" in text
    elif mine:
        assert theirs is not None
        assert places(mine) == places(theirs)


@given(st.lists(st.sampled_from(TOKENS), max_size=14))
def test_random_tokens_are_read_alike(tokens):
    agree(" ".join(tokens))


@given(st.sampled_from(STATEMENTS), st.data())
def test_statements_with_a_token_changed_are_read_alike(statement, data):
    words = re.findall(r'"[^"]*"|[\w.]+|\|>|\S', statement)
    at = data.draw(st.integers(0, len(words) - 1))
    words[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(TOKENS), max_size=2))
    agree(" ".join(words))


def test_parsing_is_faster_than_lark():
    text = "\n".join(f"x{i} = f(x, k=[1, 2]) + 2 * h(x.y) |> g({i})" for i in range(500))
    parser = plain_parser()

    def seconds(run):
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    ours(text)
    pairs = [
        (seconds(lambda: ours(text)), seconds(lambda: parser.parse(text, start="start"))) for _ in range(5)
    ]
    assert min(mine for mine, _ in pairs) < min(theirs for _, theirs in pairs)
