"""Fixes of syntax errors: what they make of a statement, and that it then reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import Source
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.lang.parser import parse_file
from rl2graph.lang.recovery.findings import SITUATIONS
from rl2graph.lang.words import WORDS
from tests.lang.broken_statements import BROKEN, mixture

CERTAIN = [
    ("encoedr e = f(b)", "encoder e = f(b)"),
    ("shraed head e = f(b)", "shared head e = f(b)"),
    ("@frozen encodr e = f(b)", "@frozen encoder e = f(b)"),
    ("parm n = 3", "param n = 3"),
    ("ouput pi, v", "output pi, v"),
    ("inptu obs: f32[4]", "input obs: f32[4]"),
    ('improt "x" as y', 'import "x" as y'),
    ('import "x" sa y', 'import "x" as y'),
    ("agnets a { b = c }", "agents a { b = c }"),
    ("retrun h", "return h"),
    ("y = x |> fro c in d { f(c) }", "y = x |> for c in d { f(c) }"),
    ("y = x |> for c on d { f(c) }", "y = x |> for c in d { f(c) }"),
    ("y = x |> for c of d { f(c) }", "y = x |> for c in d { f(c) }"),
    ("x = 'a'", 'x = "a"'),
    ("x = f('a', ['b', 'c'])", 'x = f("a", ["b", "c"])'),
    ("x = `a`", 'x = "a"'),
    ("x = “a”", 'x = "a"'),
    ("x = a − b × c", "x = a - b * c"),
    ("x =\u00a0a", "x = a"),
    ("\ufeffx = a", "x = a"),
    ("x = a -> f -> g", "x = a |> f |> g"),
    ("x = a >> f", "x = a |> f"),
    ("x = a | f", "x = a |> f"),
    ("x = a || f", "x = a |> f"),
    ("// it's a comment (", "# it's a comment ("),
    ("x = a // a comment", "x = a # a comment"),
    ("x = a -- a comment", "x = a # a comment"),
    ("-- a comment", "# a comment"),
    ("x = f(a, True, k=False)", "x = f(a, true, k=false)"),
    ("x := a", "x = a"),
    ("x == a", "x = a"),
    ("x <- a", "x = a"),
    ("x = = a", "x = a"),
    ("x a", "x = a"),
    ("param x 3", "param x = 3"),
    ("x = f(k == 3)", "x = f(k = 3)"),
    ("x = f(k: 3)", "x = f(k= 3)"),
    ("x = f(k => 3)", "x = f(k = 3)"),
    ("x = f(a, k=[b, c)", "x = f(a, k=[b, c])"),
    ("x = f(a, [b)", "x = f(a, [b])"),
    ("x = f(a, k=(3, 4))", "x = f(a, k=[3, 4])"),
    ("@lr=1e-4\nx = a", "@lr(1e-4)\nx = a"),
    ("encoder f(x) { g(x) }", "encoder f(x) { return g(x) }"),
    ("def f(x) {\n  h = g(x)\n  h |> k\n}", "def f(x) {\n  h = g(x)\n  return h |> k\n}"),
    ("def f(x) {\n  h = g(x)\n  retrun (h - x) * k\n}", "def f(x) {\n  h = g(x)\n  return (h - x) * k\n}"),
    ('"""A text."""\nx = a', '# """A text."""\nx = a'),
    ("x = f(a k=3)", "x = f(a, k=3)"),
    ("x = [1 2 3]", "x = [1, 2, 3]"),
    ("x = f(a", "x = f(a)"),
    ("x = f(a]", "x = f(a)"),
    ("x = f(a))", "x = f(a)"),
    ('x = f("a)', 'x = f("a")'),
    ('x = "a', 'x = "a"'),
    ("x = a y = b", "x = a; y = b"),
    ("def f(x) { h = x return h }", "def f(x) { h = x; return h }"),
    ("def f(x) { h = x, return h }", "def f(x) { h = x; return h }"),
    ("def f(x): return x", "def f(x) = x"),
    ("def f(x):\n  return x", "def f(x) {\n  return x\n}"),
    ("def f(x) => x", "def f(x) = x"),
    ("def f(x) -> x", "def f(x) = x"),
    ("def f(x) x", "def f(x) = x"),
    ("def f x = x", "def f(x) = x"),
    ("encoder shared e = f(b)", "shared encoder e = f(b)"),
    ("let x = a", "x = a"),
    ("input x f32[4]", "input x: f32[4]"),
    ("input x = f32[4]", "input x : f32[4]"),
    ("input x: f32(4)", "input x: f32[4]"),
    ("input x: { a f32, b: f32 }", "input x: { a: f32, b: f32 }"),
    ("param n: int = 3", "param n = 3"),
    ("param n: 3", "param n = 3"),
    ("output: pi", "output pi"),
    ("ensemble 5 q = f(a)", "ensemble[5] q = f(a)"),
    ("ensemble(5) q = f(a)", "ensemble[5] q = f(a)"),
    ("x = a |>\n  f", "x = a\n  |> f"),
    ("x = a +\n  b", "x = (a +\n  b)"),
    ("x = f(a, \\\n  b)", "x = f(a,\n  b)"),
    ('x = f"a"', 'x = "a"'),
    ("x = 1_000", "x = 1000"),
    ("x = f($n)", "x = f(n)"),
    ("agents a {\n  b = c\n", "agents a {\n  b = c\n}\n"),
    ("haed pi = f(a, k='b'", 'head pi = f(a, k="b")'),
]
UNCERTAIN = [
    "x = f(a b)",
    "x = f(g(a) b)",
    "x = f(a 3)",
    "x = [a b]",
    "output pi v",
    "x = f(obs.left arm)",
    "x = f(a, [b, c)",
    "x = f(a, [b, g(c",
    "x = f(a, g(b |> h)",
    "x = a ]",
    "x = a * b + c)",
    "x = f(a) // here",
    "return pi, v",
    "def f(x: f32[4], n: int = 3) = x",
    "x = a +",
    "x = f(a, b +)",
    "x = a |>",
    "x = f(g(a, b)",
    "x = n // 2",
    "def f(x) {\n  h = returns(x)\n  returns(h)\n}",
    "x = f(, a)",
    "x = f(a,, b)",
]
NONE = [
    "f(a)",
    "x = a b",
    "x, y = a",
    "x += a",
    "policy pi = a",
    "x = a if b else c",
    "x = a % b",
    "x =",
    "2x = 3",
]


def problems(text):
    return parse_file(Source("t", text))[1]


@pytest.mark.parametrize(("before", "after"), CERTAIN)
def test_a_certain_fix(before, after):
    (problem,) = problems(before)
    assert problem.fix is not None
    assert problem.fix.safe
    assert problem.fix.title
    assert apply_fixes(before, [problem.fix])[0] == after
    assert not problems(after)


@pytest.mark.parametrize("text", UNCERTAIN)
def test_a_fix_to_be_judged(text):
    (problem,) = problems(text)
    assert problem.fix is not None
    assert not problem.fix.safe
    assert problem.hint or problem.label
    assert not problems(apply_fixes(text, [problem.fix])[0])


@pytest.mark.parametrize("text", NONE)
def test_no_fix_where_nobody_knows_what_was_meant(text):
    (problem,) = problems(text)
    assert problem.fix is None or not problem.fix.safe


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("true", "false", "as", "in")])
def test_every_word_is_known_with_two_letters_swapped(word):
    text = {
        "encoder": "encoder a = b", "head": "head a = b", "module": "module f(x) = x",
        "shared": "shared head a = b", "def": "def f(x) = x", "param": "param a = 3", "input": "input a: b",
        "output": "output a", "loss": "loss a = b", "import": 'import "a" as b',
        "ensemble": "ensemble[2] a = b",
        "agents": "agents a { b = c }", "return": "return a", "for": "a = b |> for c in d { e }",
    }[word]  # fmt: skip
    for place in range(len(word) - 1):
        slip = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        if slip != word and slip not in WORDS:
            (problem,) = problems(text.replace(word, slip, 1))
            assert apply_fixes(text.replace(word, slip, 1), [problem.fix])[0] == text


@given(st.integers(0, 2**32), st.integers(1, 25))
def test_all_fixes_of_a_file_at_once_leave_only_what_has_none(seed, count):
    text = mixture(count, seed).text
    found = problems(text)
    fixed, applied = apply_fixes(text, [problem.fix for problem in found if problem.fix])
    left = problems(fixed)
    assert len(applied) == sum(problem.fix is not None for problem in found)
    assert [p.message for p in left] == [p.message for p in found if p.fix is None]


def test_fixes_change_no_good_statement():
    for texts in BROKEN.values():
        for slip in texts:
            text = f"good1 = f(b)\n{slip.replace('@', '1')}\ngood2 = f(b)\n"
            for problem in problems(text):
                if problem.fix:
                    fixed = apply_fixes(text, [problem.fix])[0]
                    assert fixed.startswith("good1 = f(b)\n")
                    assert fixed.endswith("good2 = f(b)\n")


def test_every_situation_has_something_to_say():
    for situation in SITUATIONS[:-1]:
        assert situation.message or situation.hint, situation.where
        assert bool(situation.title) == bool(situation.mends), situation.where
        for text in (situation.message, situation.hint):
            assert not text.endswith("."), text
