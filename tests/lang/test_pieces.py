"""A file is the sum of the pieces that it is cut into."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import Source, Span
from rl2graph.lang.parser import parse_file, parse_statement
from rl2graph.lang.statements import cut
from tests.lang.broken_statements import mixture
from tests.lang.syntax_programs import random_program


def moved(diagnostic, offset):
    """A diagnostic of a piece as one of the file, without the source."""

    def span(old):
        return None if old is None else (old.start + offset, old.end + offset)

    fix = diagnostic.fix and (diagnostic.fix.title, span(diagnostic.fix.span), diagnostic.fix.replacement)
    labels = tuple((span(label.span), label.text) for label in diagnostic.labels)
    place = Span(Source("", ""), 0, 0)
    return replace(diagnostic, span=place, fix=None, labels=()), span(diagnostic.span), fix, labels


def spans(statements, offset):
    """Start and end of every node, further on in the text."""
    found = []

    def walk(value):
        if isinstance(value, list | tuple):
            for item in value:
                walk(item)
        elif hasattr(value, "source"):
            found.append((type(value).__name__, value.start + offset, value.end + offset))
            for kind in type(value).__mro__:
                for name in sorted(set(getattr(kind, "__slots__", ())) - {"source"}):
                    walk(getattr(value, name))

    walk(statements)
    return found


def assert_sum_of_pieces(text):
    tree, found = parse_file(Source("t", text))
    statements, nodes, diagnostics, lost = [], [], [], []
    for number, (start, end) in enumerate(cut(text)):
        piece = parse_statement(Source("p", text[start:end]), first=number == 0)
        statements += piece[0]
        nodes += spans(piece[0], start)
        diagnostics += [moved(diagnostic, start) for diagnostic in piece[1]]
        lost += piece[2]
    assert statements == tree.statements
    assert nodes == spans(tree.statements, 0)
    assert [repr(d) for d in diagnostics] == [repr(moved(d, 0)) for d in found]
    assert lost == tree.lost


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_mixtures_of_good_and_broken_statements(seed, count):
    assert_sum_of_pieces(mixture(count, seed).text)


@given(st.integers(0, 2**32), st.data())
def test_mutated_programs(seed, data):
    text = random_program(seed, statements=4).text
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        insert = data.draw(
            st.sampled_from(["", "(", "}", "{", "\n", "\n  ", ";", '"', "#", "=", "'", "@a ", " b "])
        )
        text = text[:start] + insert + text[end:]
    assert_sum_of_pieces(text)


@given(st.text(alphabet="ab1 =(){}[]\n\t;@#\"'|>,:.+-rl2 ", max_size=60))
def test_any_characters(text):
    assert_sum_of_pieces(text)


@pytest.mark.parametrize(
    "text",
    [
        "rl2 1\na = b\nrl2 1\nc = d",
        "rl2 7\na = b",
        "@a\n@b(\n  1)\n# c\n\nc = d; @e; f = g",
        "@load(\"a(1).x\")\nc = d",
        "  a = f(b,\n    c)\n  d = e",
        "a = b\n   @frozen\nc = d",
        "def f(x) { a = g(x,\n      b); c = = d; return a\n}; e = f(1",
        "agents a {\n  x = f(\n  y = g(x)\n}",
    ],
)  # fmt: skip
def test_layouts(text):
    assert_sum_of_pieces(text)
