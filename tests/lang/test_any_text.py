"""Whatever the text is, it is parsed or diagnosed, in time that grows with its length and no faster."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.diagnostics.render import render_full
from rl2graph.lang.parser import parse_file, parse_statement, parse_type
from tests.lang.syntax_programs import random_program
from tests.work import calls

MEGABYTE = 1_000_000


def assert_read(text):
    source = Source("t", text)
    tree, found = parse_file(source)
    for diagnostic in found:
        spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
        spans += [diagnostic.fix.span] if diagnostic.fix else []
        for span in spans:
            assert 0 <= span.start <= span.end <= len(text)
        assert render_full(diagnostic)
    assert [d.span.start for d in found] == sorted(d.span.start for d in found)
    return tree


@given(st.text(max_size=80))
def test_any_text(text):
    assert_read(text)


def test_a_version_that_is_too_new_is_found_first():
    assert_read("rl2 0;rl2 1\n\n#0; a = b\n")


@given(st.binary(max_size=80))
def test_any_bytes(data):
    assert_read(data.decode("utf-8", errors="replace"))


@given(st.text(alphabet="()[]{}=|>,:.+-*/@;\n\t \"'#aif10\\", max_size=120))
def test_any_signs(text):
    assert_read(text)


@given(st.text(max_size=40))
def test_any_text_as_a_piece_or_a_type(text):
    parse_statement(Source("t", text))
    with suppress(DiagnosticError):
        parse_type(Source("t", text))


@given(st.integers(0, 2**32), st.data())
def test_any_program_with_parts_missing_or_doubled(seed, data):
    text = random_program(seed, statements=5).text
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + data.draw(st.sampled_from(["", text[start:end] * 2])) + text[end:]
    assert_read(text)


LONG = {
    name: (text * MEGABYTE)[:MEGABYTE]
    for name, text in {
        "opening": "(", "quotes": '"', "newlines": "\n", "annotations": "@a ", "semicolons": ";",
        "equals": "a=", "spaces": " ", "closing": ")", "braces": "{", "comments": "#\n",
        "signs": "-", "apostrophes": "'",
        "names": "a ", "carriage returns": "\r", "closing braces": "}", "slashes": "/",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_of_one_thing(text):
    start = time.perf_counter()
    parse_file(Source("t", text))
    assert time.perf_counter() - start < 60, "measured: under 9 s each; no hang, and leave for a busy machine"


@pytest.mark.parametrize(
    "piece",
    [
        "a = = b\n",
        "a = f(\n",
        "def f(x) {\n",
        "a = b |> = c;",
        "def f(x) {a;}\n",
        "@a\n",
        "a = '\n",
        "  a)\n",
        "}\n",
    ],
)
def test_the_work_is_linear_in_the_number_of_errors(piece):
    def work(count):
        return calls(lambda: parse_file(Source("t", piece * count)))

    work(10)  # tables and patterns are made once
    assert work(1600) < 8 * 1.5 * work(200)


@pytest.mark.parametrize("text", ["de p(s:o"])
def test_what_the_fuzzer_found(text):
    _, found = parse_file(Source("t", text))
    assert found
    assert all(render_full(diagnostic) for diagnostic in found)
