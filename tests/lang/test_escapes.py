"""Backslashes in strings."""

import pytest

from rl2graph.diagnostics import Source
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


@pytest.mark.parametrize("written", [r"li\b.rl2", r"C:\weights", r"\'"])
def test_no_backslash_is_lost(written):
    tree, _ = parse_file(Source("net.rl2", f'import "{written}" as lib'))
    assert [each.path.value for each in tree.statements if isinstance(each, ast.Import)] == [written]
