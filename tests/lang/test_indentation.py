"""Lines inside brackets that are not indented: one finding, and a fix that indents them."""

from __future__ import annotations

import pytest

from rl2graph.diagnostics import Source
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.lang.parser import parse_file

ONE_MISTAKE = [
    ("e = mlp(obs,\nhidden=[64])", "e = mlp(obs,\n    hidden=[64])"),
    ("e = concat(a,\nobs)", "e = concat(a,\n    obs)"),
    ("v = head(\ne\n)", "v = head(\n    e\n)"),
    ("x = f(\ng(\na\n),\nb\n)", "x = f(\n    g(\n    a\n),\n    b\n)"),
    ("x = f(a, # (\n# ) here\n\nb)", "x = f(a, # (\n# ) here\n\n    b)"),
    ("x = f(a, [\n1,\n2,\n], b)", "x = f(a, [\n    1,\n    2,\n], b)"),
    ("f = a; x = f(\nb)", "f = a; x = f(\n    b)"),
    ("@frozen\nx = f(\nb)", "@frozen\nx = f(\n    b)"),
    ("def f(x) {\nh = g(x,\n3)\nreturn h\n}", "def f(x) {\n    h = g(x,\n        3)\n    return h\n}"),
    ("def f(x) {\n  h = g(x,\n  3)\n  return h\n}", "def f(x) {\n  h = g(x,\n      3)\n  return h\n}"),
    ("def f(x) {\n  h = g(x,\n3)\n  return h\n}", "def f(x) {\n  h = g(x,\n      3)\n  return h\n}"),
    (
        "agents a {\ndef f(x) {\nreturn x\n}\nb = f(c)\n}",
        "agents a {\n    def f(x) {\n        return x\n    }\n    b = f(c)\n}",
    ),
    ("input o: {\na: f32[3],\nb: f32\n}", "input o: {\n    a: f32[3],\n    b: f32\n}"),
]
NOT_CERTAIN = [
    "e = mlp(obs\nhidden=[64])",
    "e = mlp(obs\npi = head(e))",
    "def f(x) {\n  h = g(x)\n  return h\ny = f(a)\n}",
    "e = f(a,\nb = g(a)\nc = h(b))",
]


def read(text):
    return parse_file(Source("t", text))


@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize(("before", "after"), ONE_MISTAKE)
def test_one_finding_whose_fix_indents(before, after, indent):
    first, last = "a1 = f(b)\n", "\nb1 = f(b)\n"
    text, expected = ((first + part + last).replace("\n", f"\n{indent}") for part in (before, after))
    tree, (found,) = read(indent + text)
    assert found.code == "RLG102"
    assert found.fix.safe
    fixed = apply_fixes(indent + text, [found.fix])[0]
    if not indent:
        assert fixed == expected
    mended, left = read(fixed)
    assert not left
    assert len(mended.statements) == len(read(expected)[0].statements)
    assert [statement.name.text for statement in (tree.statements[0], tree.statements[-1])] == ["a1", "b1"]


@pytest.mark.parametrize("text", NOT_CERTAIN)
def test_no_bracket_is_put_or_left_out_for_certain(text):
    _, found = read(text)
    assert len(found) >= 2
    assert not any(problem.fix and problem.fix.safe for problem in found)


def test_statements_between_are_read():
    tree, found = read("e = f(a\nb = g(a)\nc = g(b)\nd = h(c))\ng = f(a)")
    assert [problem.code for problem in found] == ["RLG102", "RLG101"]
    assert [statement.name.text for statement in tree.statements] == ["b", "c", "g"]
    assert tree.lost == ["e", "d"]
