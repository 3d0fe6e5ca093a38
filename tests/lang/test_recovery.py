"""One diagnostic for each broken statement, and every good statement is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import Source
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_file
from tests.lang.broken_statements import BROKEN, GOOD, mixture
from tests.work import calls


def bound(statements):
    names = []
    for statement in statements:
        while isinstance(statement, ast.Annotated):
            statement = statement.statement
        if isinstance(statement, ast.Output):
            names += [item.name.text for item in statement.items]
        elif not isinstance(statement, ast.Return):
            names.append(statement.name.text if hasattr(statement, "name") else statement.names[0].text)
    return names


def one_each(mixed):
    tree, found = parse_file(Source("t", mixed.text))
    assert [d.code for d in found] == mixed.codes
    assert [d.span.location()[1] for d in found] == mixed.lines
    kept = [name for name in bound(tree.statements) if name[0] in "gs"]
    assert kept == mixed.good
    return tree


def filled(text, name="x1"):
    return text.replace("x@", name).replace("y@", "y1").replace("é@", "é")


SLIPS = [(kind, code, text) for (kind, code), texts in BROKEN.items() for text in texts]


@pytest.mark.parametrize(("kind", "code", "text"), SLIPS)
def test_a_slip_alone_is_one_error(kind, code, text):
    tree, found = parse_file(Source("t", f"a = f(b)\n{filled(text)}\nc = f(d)\n"))
    assert [d.code for d in found] == [code]
    assert [name for name in bound(tree.statements) if name in "ac"] == ["a", "c"]


@pytest.mark.parametrize("count", [1, 7, 60, 600])
@pytest.mark.parametrize("kind", [None, *dict.fromkeys(kind for kind, _ in BROKEN)])
def test_each_broken_statement_is_one_error(kind, count):
    if kind is None or count <= 60:
        one_each(mixture(count, seed=count, kind=kind))


@given(st.integers(1, 40), st.integers(0, 2**32))
def test_any_mixture_gives_one_error_each(count, seed):
    one_each(mixture(count, seed))


@pytest.mark.parametrize(("kind", "code", "text"), SLIPS)
@pytest.mark.parametrize(
    "block", ["encoder f(x) {{\n{}\n}}", "agents a {{\n{}\n}}", "@frozen\nmodule f(x) = {{\n{}\n}}"]
)
def test_a_slip_in_a_block_leaves_the_rest_of_it(block, kind, code, text):
    text = filled(text)
    inner = f"    before = f(x)\n    {text}\n    after = f(before)\n    return after"
    tree, found = parse_file(Source("t", f"a = f(b)\n{block.format(inner)}\nc = f(d)\n"))
    assert [d.code for d in found] == [code]
    assert found[0].span.location()[1] == block.format(inner).split(text)[0].count("\n") + 2
    first, definition, last = tree.statements
    assert bound([first, last]) == ["a", "c"]
    statement = definition.statement if isinstance(definition, ast.Annotated) else definition
    assert bound(statement.body.statements)[0] == "before"
    assert bound(statement.body.statements)[-1] == "after"
    assert statement.body.broken
    assert not tree.lost


def test_the_names_of_lost_statements_are_known():
    for kind, _, slip in SLIPS:
        binds = "x@" in slip and not slip.startswith(("head", "output", "ouput", "é", "for"))
        if binds and kind != "no binding" and "+=" not in slip:
            tree, _ = parse_file(Source("t", filled(slip, "lost")))
            assert "lost" in tree.lost, slip
    assert parse_file(Source("t", "ouput pi"))[0].lost == ["output"]


def test_a_lost_statement_of_a_block_loses_its_name_there():
    tree, _ = parse_file(Source("t", "def f(x) {\n  h = = x\n  return h\n}"))
    assert tree.lost == []
    assert tree.statements[0].body.lost == ["h"]


def test_a_block_that_is_not_closed_keeps_what_is_in_it():
    tree, found = parse_file(Source("t", "def f(x) {\n  h = g(x)\n  return h\npi = f(obs)"))
    assert [d.code for d in found] == ["RLG102"]
    assert bound(tree.statements) == ["f", "pi"]
    assert bound(tree.statements[0].body.statements) == ["h"]
    assert tree.statements[0].body.broken


def test_errors_in_blocks_inside_blocks():
    text = "agents a {\n  def f(x) {\n    h = = x\n    g = h(x\n    return h\n  }\n  z = f(x\n}\nlast = 3"
    tree, found = parse_file(Source("t", text))
    assert [d.span.location()[1] for d in found] == [3, 4, 7]
    assert bound(tree.statements) == ["a", "last"]
    assert bound(tree.statements[0].body.statements) == ["f"]


def test_a_broken_header_and_a_broken_body_are_two_errors():
    _, found = parse_file(Source("t", "encoedr f(x) {\n  h = = x\n  return h\n}\na = b"))
    assert [d.span.location()[1] for d in found] == [1, 2]


def test_deeper_lines_after_a_good_statement_are_statements():
    tree, found = parse_file(Source("t", "a = b\n  c = = d\n  e = f\ng = h"))
    assert [d.span.location()[1] for d in found] == [2]
    assert bound(tree.statements) == ["a", "e", "g"]


def test_deeper_lines_after_a_broken_statement_belong_to_it():
    tree, found = parse_file(Source("t", "a = b +\n    c,\n    d\ne = f"))
    assert len(found) == 1
    assert bound(tree.statements) == ["e"]


def test_the_work_is_linear_in_the_number_of_errors():
    small, large = mixture(150, 1).text, mixture(1200, 1).text
    parse_file(Source("t", small))  # tables and patterns are made once
    ratio = calls(lambda: parse_file(Source("t", large))) / calls(lambda: parse_file(Source("t", small)))
    assert ratio < 1.5 * len(large) / len(small)


def test_good_lines_are_good():
    for text in GOOD:
        assert not parse_file(Source("t", text.replace("@", "1")))[1]
