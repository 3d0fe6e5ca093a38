from __future__ import annotations

import subprocess
import sys

import pytest

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.lang import ast, grammar
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
    assert grammar.load() == grammar.make()


def test_parsing_loads_no_lark():
    script = (
        "import sys; from rl2graph.lang.parser import parse_file; from rl2graph.diagnostics import Source\n"
        "assert parse_file(Source('t', 'a = b'))[0].statements; assert 'lark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("word", ["headx", "params", "define", "formal", "index", "returned", "asset"])
def test_a_name_may_start_like_a_word_of_the_language(word):
    (bind,) = parse(f"{word} = f({word}, {word}={word}.{word})")
    assert (type(bind), bind.name.text) == (ast.Bind, word)


def test_a_semicolon_may_stand_before_the_end_of_a_block():
    assert parse("def f(x) { h = g(x); return h; }") == parse("def f(x) { h = g(x); return h }")


def test_parentheses_belong_to_what_they_start():
    (bind,) = parse("a = (b + c) * d")
    assert bind.value.span.text == "(b + c) * d"
    assert bind.value.first.span.text == "b + c"


@pytest.mark.parametrize("text", ["a = " + "(" * 101 + "b" + ")" * 101, "a = " + "[(" * 51 + "b" + ")]" * 51])
def test_brackets_inside_each_other_are_limited(text):
    assert problems(text) == ["RLG107"]


@pytest.mark.parametrize("text", ["a = " + "[" * 99 + "]" * 99, "a = [" + "-b.c, " * 500 + "]"])
def test_what_is_wide_is_not_deep(text):
    assert not problems(text)
