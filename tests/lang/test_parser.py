from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.lang import ast, grammar
from rl2graph.lang.layout import Layout
from rl2graph.lang.parser import parse_file, parse_type


def parse(text: str) -> list[ast.Statement]:
    tree, problems = parse_file(Source("t", text))
    assert not problems, [str(p) for p in problems]
    return tree.statements


def problems(text: str) -> list[str]:
    return [d.code for d in parse_file(Source("t", text))[1]]


def test_the_line_of_the_readme():
    statements = parse("encoder e = conv(obs); pi = head(e); v = head(e)")
    assert [(s.kind, s.name.text) for s in statements] == [("encoder", "e"), (None, "pi"), (None, "v")]


def test_semicolons_newlines_comments_and_blanks_are_one():
    assert parse("a = b\n\n# c ; d\n  ;; \nc = d # e\n") == parse("a=b;c=d")


def test_a_pipeline_goes_on_at_the_next_line():
    (bind,) = parse("a = obs\n  # why\n  |> dense(3)\n  |> relu")
    assert isinstance(bind.value, ast.Pipe)
    assert len(bind.value.stages) == 2


def test_newlines_inside_brackets_do_not_count():
    assert parse("a = f(\n  b,\n  k=[1,\n    2],\n)\n") == parse("a = f(b, k=[1, 2])")


def test_kind_words_are_names_elsewhere():
    (bind,) = parse("a = head(obs.head, head=3)")
    call = bind.value
    assert isinstance(call, ast.Call)
    assert call.arguments[1].keyword.text == "head"


def test_every_statement_form_has_a_tree():
    text = """rl2 1
import "x.rl2" as x
param n = 3
input obs: { camera: image[3, 84, 84], "left arm": f32[n] }
shared encoder f(x, k=2) { h = dense(x, k); return h }
def g(x) = x |> for c in [1, 2] { dense(c) |> relu }
@frozen @lr(1e-4) encoder e = obs["left arm"]
ensemble[5] head q = -e + 2 * (e - 1.5) / 2
agents a, b { z = e }
loss aux = e
output q, left: pi = e
"""
    assert [type(s).__name__ for s in parse(text)] == [
        "Import", "Param", "Input", "Declare", "Macro", "Annotated", "Ensemble", "Agents", "Loss", "Output",
    ]  # fmt: skip


def test_precedence():
    assert parse("a = 1 + 2 * 3 - 4") == parse("a = (1 + (2 * 3)) - 4")


def test_spans_are_exact():
    tree, _ = parse_file(Source("t", "encoder e = conv(obs, k=2)"))
    bind = tree.statements[0]
    assert bind.span.text == "encoder e = conv(obs, k=2)"
    assert bind.value.span.text == "conv(obs, k=2)"
    assert bind.value.arguments[1].span.text == "k=2"


def test_one_unclosed_bracket_is_one_error_at_its_line():
    tree, found = parse_file(Source("t", "a = f(b,\nc = g(a)\nd = h(c)\n"))
    assert [d.code for d in found] == ["RLG102"]
    assert found[0].span.location()[1:] == (1, 6)
    assert [s.name.text for s in tree.statements] == ["c", "d"]


@pytest.mark.parametrize("text", ["a = f(b,\nc)", "  a = f(b,\n  c)", "def g(x) {\nreturn x\n}"])
def test_a_line_that_is_not_indented_more_ends_its_statement(text):
    assert problems(text)[0] == "RLG102"
    assert not problems(text.replace("\nc", "\n    c").replace("\n  c", "\n    c").replace("\nr", "\n  r"))


BROKEN = {
    "RLG101": ["a b", "a = = b", "f(x)", "a = b)", "head = x", "a = f(b c)", "a = f(b]", "encoder = 3"],
    "RLG102": ["a = f(b", "a = [1, 2", "def f(x) {"],
    "RLG103": ["a =", "a = b +", "a = b |>", "param n"],
    "RLG104": ["a = 'x'", "a = b % c", "é = b", 'a = "x'],
    "RLG107": ["a = " + "(" * 200 + "b" + ")" * 200],
    "RLG304": ["a = 99999999999999999999"],
}


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, texts in BROKEN.items() for t in texts])
def test_broken_statements_by_code(code, text):
    assert problems(text) == [code]


@pytest.mark.parametrize("count", [1, 7, 60])
def test_each_broken_statement_is_one_error_and_good_ones_are_read(count):
    slips = [text for texts in BROKEN.values() for text in texts]
    lines, expected = [], []
    for index in range(count):
        slip = index % len(slips)
        lines += [f"good{index} = dense(obs, 3)", slips[slip]]
        expected += [next(code for code, texts in BROKEN.items() if slips[slip] in texts)]
    tree, found = parse_file(Source("t", "\n".join(lines)))
    assert [d.code for d in found] == expected
    assert len(tree.statements) == count


def test_semicolons_separate_errors_too():
    tree, found = parse_file(Source("t", "a = f(b; c = g(d); e = ; h = i"))
    assert [d.code for d in found] == ["RLG102", "RLG103"]
    assert [s.name.text for s in tree.statements] == ["c", "h"]


def test_versions():
    assert not problems("rl2 1\na = b")
    assert problems("rl2 2\na = b") == ["RLG105"]


@pytest.mark.parametrize(
    "text",
    ["\re = f(obs = = (\npi = g(obs)\n", "a = b;rl2 1 c = d", "a = b\nrl2 1\n", "rl2 " + "9" * 5000],
)
def test_misplaced_text_is_never_skipped(text):
    assert problems(text)


def test_an_annotation_stays_with_its_statement():
    assert problems("@frozen\n@lr(1e-4)\nencoder e = f(obs)\na = = b") == ["RLG101"]


@pytest.mark.parametrize("text", ["f32[", "4", "f32[4] x", "{a f32}"])
def test_types_are_refused_alone(text):
    with pytest.raises(DiagnosticError):
        parse_type(Source("--obs", text))


def test_shipped_tables_are_those_of_the_grammar():
    import json

    tables = json.loads(grammar.TABLES.read_text(encoding="utf-8"))
    assert tables["fingerprint"] == grammar.fingerprint(), "run `python -m rl2graph.lang.grammar`"


def test_shipped_and_built_parsers_agree():
    text = "encoder f(x) = x |> for c in [1] { dense(c) }; param n = 2\n@frozen a = f(obs)"
    shipped = grammar.load().parse(text, start="start")
    assert shipped == grammar.build(postlex=Layout()).parse(text, start="start")


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_diagnosed(text):
    parse_file(Source("t", text))


PLAIN = grammar.build(postlex=Layout())
ALPHABET = st.sampled_from(
    [
        "encoder",
        "head",
        "def",
        "param",
        "for",
        "in",
        "a",
        "b",
        "obs",
        "dense",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "=",
        "|>",
        ",",
        ":",
        ".",
        "+",
        "-",
        "*",
        "/",
        ";",
        "\n",
        "#",
        '"',
        "1",
        "2.5",
        "@",
        "\t",
    ]
)


@given(st.lists(ALPHABET, max_size=25))
def test_any_tokens_are_parsed_or_diagnosed(tokens):
    text = " ".join(tokens)
    tree, found = parse_file(Source("t", text))
    if not found and tree.statements:
        PLAIN.parse(text, start="start")  # what is accepted piece by piece is accepted whole
    for diagnostic in found:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(tree.source.text)
