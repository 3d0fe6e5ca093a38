"""The canonical layout: how it looks, and that it keeps the tree and the comments and is a fixed point."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.lang.formatting.formatter import WIDTH, format_text
from rl2graph.lang.parser import parse_file
from tests.lang.format_cases import CASES
from tests.lang.format_laws import assert_laws, comments_of, parsed
from tests.lang.syntax_programs import random_program
from tests.support import GOLDEN, ROOT

SHIPPED = sorted(path for folder in ("specs", "rl2graph") for path in (ROOT / folder).rglob("*.rl2"))


@pytest.mark.parametrize("before", CASES, ids=str)
def test_layout(before):
    text, expected = CASES[before]
    assert assert_laws(text) == (text if expected is None else expected)


def test_a_line_may_be_as_wide_as_the_width_and_no_wider():
    name = "b" * (WIDTH - len("a = f(, c)"))
    fits, too_long = f"a = f({name}, c)\n", f"a = f({name}b, c)\n"
    assert len(fits) == WIDTH + 1
    assert format_text(fits) == fits
    assert format_text(too_long) == f"a = f(\n  {name}b,\n  c,\n)\n"


def test_the_last_item_of_a_broken_list_leaves_room_for_its_comma():
    items = "c" * (WIDTH - len("  f(, d),"))
    assert f"  f({items}, d),\n" in assert_laws(f"a = g(b, f({items}, d))")
    assert f"  f(\n    {items}c,\n" in assert_laws(f"a = g(b, f({items}c, d))")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_is_in_the_canonical_layout(path):
    text = path.read_text(encoding="utf-8")
    assert assert_laws(text) == text


def test_a_text_with_errors_raises_them_all():
    with pytest.raises(DiagnosticError) as raised:
        format_text("a = = b\nc = d\ne = f(", "net.rl2")
    assert [d.code for d in raised.value.diagnostics] == ["RLG101", "RLG102"]
    assert raised.value.diagnostics[0].span.location() == ("net.rl2", 1, 5)


def _blocks(path):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)
    return [block for language, block in fenced if language in ("", "rl2")]


def test_the_page_on_formatting_shows_the_canonical_layout():
    blocks = _blocks(ROOT / "docs/formatting.md")
    assert len(blocks) > 3
    for block in blocks:
        assert assert_laws(block) == block


def test_the_laws_hold_of_every_example_and_every_golden_spec():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    texts = [block for page in pages for block in _blocks(page)]
    texts += [path.read_text("utf-8", errors="replace") for path in sorted(GOLDEN.rglob("*.rl2"))]
    readable = [text for text in texts if not parse_file(Source("t", text))[1]]
    assert len(readable) > 50
    for text in readable:
        assert_laws(text)


NESTED = {
    "parentheses": ("a = ", "(b + ", "c", ") * d"),
    "calls": ("a = ", "f(-g * 2 + 1 |> h(k=", "x", "))"),
    "calls in a sum": ("a = b + ", "f(", "x", ")"),
    "comments in a sum": ("a = (b + # 1\n c) + ", "f(", "x", ")"),
    "lists": ("a = ", "[", "x", "]"),
    "records": ("input a: ", "{a: ", "f32", "}"),
    "loops": ("a = x", " |> for c in d {e", "", "}"),
    "blocks": ("", "def f(x) {", "return x", "}"),
    "signs": ("a = ", "-", "x", ""),
    "attributes": ("a = x", ".b", "", ""),
    "indices": ("a = x", "[b][", "c", "]"),
    "annotations": ("", "@b ", "a = x", ""),
}
LONG = {
    "stages": "a = x" + " |> dense(64) |> relu\n" * 5_000,
    "operands": "a = x" + " + b * c" * 5_000,
    "items": "a = f(" + "x, " * 10_000 + ")",
    "comments": "a = f(" + "# 1\n  " * 10_000 + "x)",
}


@pytest.mark.parametrize(("before", "opening", "core", "closing"), NESTED.values(), ids=NESTED)
def test_no_depth_that_can_be_parsed_is_too_much(before, opening, core, closing):
    def nested(depth):
        return before + opening * depth + core + closing * depth

    depth = next(d for d in range(150, 0, -1) if not parse_file(Source("t", nested(d)))[1])
    assert depth >= 15
    assert_laws(nested(depth))


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_length_is_too_much(text):
    assert_laws(text)


CHAINS = {
    "signs": "a = " + "-" * 5_000 + "x",
    "attributes": "a = x" + ".b" * 5_000,
    "calls": "a = x" + "()" * 5_000,
    "annotations": "@b " * 5_000 + "a = x",
}


@pytest.mark.parametrize("text", CHAINS.values(), ids=CHAINS)
def test_a_chain_is_laid_out_or_refused(text):
    """The tree of one this long could not even be compared."""
    problems = parse_file(Source("t", text))[1]
    if problems:
        assert [problem.code for problem in problems] == ["RLG107"]
        return
    result = format_text(text)
    assert re.sub(r"\s", "", result) == re.sub(r"\s", "", text)
    assert format_text(result) == result


def test_the_laws_hold_of_random_programs():
    for seed in range(2_000):
        assert_laws(random_program(seed, statements=1 + seed % 4).text)


def test_random_programs_are_what_they_should_be():
    programs = [random_program(seed) for seed in range(200)]
    kinds = {type(statement).__name__ for p in programs for statement in parsed(p.text).statements}
    assert kinds == {
        "Bind", "Declare", "Macro", "Param", "Input", "Output", "Loss", "Import", "Ensemble", "Agents",
        "Return", "Annotated",
    }  # fmt: skip
    assert sum(len(program.comments) for program in programs) > 1_000
    assert all(len(program.comments) == len(comments_of(program.text)) for program in programs)
    assert random_program(7) == random_program(7)


SCRAPS = [*"()[]{}=,:.+-*/;\n", "# c\n", "|>", "@a ", " for ", " x ", " 1 ", '"s"']


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(SCRAPS)), min_size=1, max_size=3),
)
def test_the_laws_hold_of_whatever_still_parses(seed, insertions):
    text = random_program(seed, statements=2).text
    for position, scrap in insertions:
        offset = int(position * len(text))
        text = text[:offset] + scrap + text[offset:]
    tree, problems = parse_file(Source("t", text))
    if not problems:
        assert_laws(text, tree)


@given(st.integers(0, 10**6))
def test_blanks_make_no_difference(seed):
    """Between the tokens of a line, that is: line ends may say what belongs together."""
    text = random_program(seed, statements=2).text
    tokens = re.findall(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\n[ \t]*|[ \t\r\f]+|[^\s"#]+', text)
    wider = "".join("\t  " if not token.strip() and "\n" not in token else token for token in tokens)
    assert format_text(wider) == format_text(text)
