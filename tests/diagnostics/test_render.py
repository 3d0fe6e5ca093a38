from __future__ import annotations

import json

from rl2graph.diagnostics import Diagnostic, Fix, Label, Source, Span
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.diagnostics.render import render_concise, render_full, summary, to_json

TEXT = "e = conv(obs)\n\tv = hed(e)  # 中\n"
SOURCE = Source("spec.rl2", TEXT)


def span(text: str) -> Span:
    start = TEXT.index(text)
    return Span(SOURCE, start, start + len(text))


def test_carets_stand_under_the_span():
    text = render_full(
        Diagnostic("RLG201", "unknown name `conv`", span("conv"), "here", hint="did you mean?")
    )
    assert text == (
        "spec.rl2:1:5: error[RLG201]: unknown name `conv`\n"
        "  |\n"
        "1 | e = conv(obs)\n"
        "  |     ^^^^ here\n"
        "  = hint: did you mean?"
    )


def test_tabs_and_wide_characters_keep_the_carets_in_place():
    text = render_full(Diagnostic("RLG201", "x", span("hed"))).splitlines()
    assert text[2] == "2 |     v = hed(e)  # 中"
    assert text[3] == "  |         ^^^"
    wide = render_full(Diagnostic("RLG201", "x", span("中"))).splitlines()
    assert wide[3].endswith("^^")


def test_two_marks_on_one_line_share_it():
    diagnostic = Diagnostic("RLG206", "x", span("obs"), "second", labels=(Label(span("conv"), "first"),))
    assert render_full(diagnostic).splitlines()[2:] == [
        "1 | e = conv(obs)",
        "  |     ---- ^^^ second",
        "  |     first",
    ]


def test_overlapping_marks_get_a_line_each():
    diagnostic = Diagnostic("RLG206", "x", span("conv(obs)"), labels=(Label(span("obs"), "this"),))
    assert render_full(diagnostic).count("1 | e = conv(obs)") == 2


def test_a_very_long_line_is_cut_around_the_span():
    source = Source("long", "x" * 5000 + " bad " + "y" * 5000)
    lines = render_full(Diagnostic("RLG201", "x", Span(source, 5001, 5004))).splitlines()
    assert all(len(line) < 200 for line in lines)
    column = lines[3].index("^^^")
    assert lines[2][column : column + 3] == "bad"


def test_concise_and_summary():
    found = [Diagnostic("RLG201", "a", span("conv")), Diagnostic("RLG901", "b")]
    assert render_concise(found[0]) == "spec.rl2:1:5: error[RLG201]: a"
    assert render_concise(found[1]) == "warning[RLG901]: b"
    assert summary(found) == "1 error, 1 warning"
    assert summary([]) == "no errors"


def test_json_is_complete():
    fix = Fix("replace", span("conv"), "encode")
    data = to_json(Diagnostic("RLG302", "m", span("conv"), "l", "h", (Label(span("obs"), "t"),), ("n",), fix))
    assert json.loads(json.dumps(data)) == data
    assert data["place"] == {"path": "spec.rl2", "line": 1, "column": 5, "end_line": 1, "end_column": 9}
    assert data["fix"]["replacement"] == "encode"
    assert data["severity"] == "error"


def test_overlapping_fixes_are_not_applied_together():
    one, two, three = (
        Fix("a", span("conv(obs)"), "A"),
        Fix("b", span("obs"), "B"),
        Fix("c", span("hed"), "head"),
    )
    text, applied = apply_fixes(TEXT, [three, two, one])
    assert text == "e = A\n\tv = head(e)  # 中\n"
    assert applied == (one, three)
