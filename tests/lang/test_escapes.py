"""Backslashes in strings."""

import pytest

from rl2graph.diagnostics import Source
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_file


@pytest.mark.parametrize(
    ("written", "value"),
    [(r"\n\t\r\0", "\n\t\r\0"), (r"a\"b", 'a"b'), (r"a\\b", r"a\b"), (r"a\\nb", r"a\nb"), ("plain", "plain")],
)
def test_escapes(written, value):
    tree, problems = parse_file(Source("net.rl2", f'x = f("{written}")'))
    assert not problems
    (statement,) = tree.statements
    assert isinstance(statement, ast.Bind)
    assert isinstance(statement.value, ast.Call)
    string = statement.value.arguments[0].value
    assert isinstance(string, ast.String)
    assert string.value == value


@pytest.mark.parametrize("written", [r"li\b.rl2", r"C:\weights", r"\'", r"\n\q"])
def test_an_unknown_escape_is_found_at_its_backslash(written):
    text = f'import "{written}" as lib\ny = obs'
    tree, (problem,) = parse_file(Source("net.rl2", text))
    assert problem.code == "RLG104"
    assert problem.span is not None
    assert problem.span.start == text.rindex("\\")
    assert problem.fix is not None
    assert not problem.fix.safe
    assert not parse_file(Source("net.rl2", apply_fixes(text, [problem.fix])[0]))[1]
    assert len(tree.statements) == 1
