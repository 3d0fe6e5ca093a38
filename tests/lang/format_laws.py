"""What holds of every text that parses and of its canonical layout."""

from __future__ import annotations

import re

from rl2graph.diagnostics import Source
from rl2graph.lang import ast
from rl2graph.lang.formatting.formatter import format_tree
from rl2graph.lang.parser import parse_file

_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*)')


def parsed(text: str) -> ast.File:
    tree, problems = parse_file(Source("t", text))
    assert not problems, [str(problem) for problem in problems]
    return tree


def comments_of(text: str) -> list[str]:
    """The comments of a text without the blanks that the layout may change."""
    comments = [match[1] for match in _COMMENT.finditer(text) if match[1]]
    return [re.sub(r"^#\s", "#", comment.rstrip()) for comment in comments]


def assert_laws(text: str, tree: ast.File | None = None) -> str:
    """The canonical layout of `text`, which keeps tree and comments and is a fixed point."""
    tree = tree or parsed(text)
    result = format_tree(tree)
    again = parsed(result)
    assert again == tree
    assert comments_of(result) == comments_of(text)
    assert format_tree(again) == result
    lines = result.split("\n")
    assert not any(line != line.rstrip(" \t") for line in lines)
    assert "\n\n\n" not in result
    assert not result or (lines[0] and lines[-1] == "" and lines[-2])
    return result
