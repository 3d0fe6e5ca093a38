"""Emitted lines are broken where they are too long, and mean the same."""

from __future__ import annotations

import ast

import pytest

from rl2graph.backend.wrapping import WIDTH, wrapped

LONG = ", ".join(f"self.encoder.part_{i}.weight" for i in range(9))


@pytest.mark.parametrize(
    "line",
    [
        "x = f(a, b)",
        f"x = over_batch({LONG})",
        f'return {{"pi": pi, "state": {{"a, (b": g({LONG}), "c": [1, 2]}}}}',
        f"x, y = f({LONG}).unflatten(-1, (3, 4))",
        f"x = (self.{'a' * 120}) * self.b[{'1 + ' * 30}1]",
        f"x = g(h({LONG}))",
        f"x = self.{'a' * 120} + b",
        f'x = obs["left (arm, {"b" * 100}"]',
        "noise = noise or {" + ", ".join(f'"h.part_{i}.mask": None' for i in range(9)) + "}",
    ],
)
def test_broken_lines_mean_the_same(line):
    lines = wrapped(line, indent=8)
    assert all(part.startswith(" " * 8) for part in lines)
    text = "\n".join(part[8:] for part in lines)
    parse = lambda source: ast.dump(ast.parse(f"def f():\n  {source}"))  # noqa: E731
    assert parse(text.replace("\n", "\n  ")) == parse(line)
    if len(lines) > 1:
        assert max(map(len, lines[:1] + lines[-1:])) <= WIDTH


def test_a_short_line_stays():
    assert wrapped("x = f(a, b)", indent=4) == ["    x = f(a, b)"]
