"""The manual: a page for every code, examples that do what they say, and an index."""

from __future__ import annotations

import os
import re

import pytest

from rl2graph.diagnostics import CODES
from rl2graph.diagnostics.pages import page_of
from rl2graph.diagnostics.plain import blocks, plain, without_links
from rl2graph.shipped import shipped
from tests.diagnostics.page_examples import examples, run_page
from tests.support import ROOT

FOLDER = ROOT / "docs" / "diagnostics"
INDEX = ROOT / "docs" / "diagnostics.md"
EXAMPLES = {
    "error": ["## Why it is an error", "## Bad", "## Good"],
    "warning": ["## Why it is a warning", "## Bad", "## Good"],
    "note": ["## Why it is a note", "## With the note", "## Without it"],
}
LATER = ["## How to mend it", "## Related"]

codes = pytest.mark.parametrize("code", sorted(CODES))


def test_every_code_has_a_page_and_every_page_a_code():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(CODES)


@codes
def test_a_page_is_laid_out_like_the_others(code):
    text = page_of(code).markdown
    lines = text.splitlines()
    assert lines[0] == f"# {code}: {CODES[code].title}"
    headings = [line for line in lines if line.startswith("## ")]
    later = [heading for heading in LATER if heading in headings]
    assert headings == EXAMPLES[CODES[code].severity.value] + later
    assert 15 <= len(lines) <= 50
    assert max(map(len, lines)) <= 110
    assert text.endswith("\n")
    assert not re.search(r"\*\*|<\w+>|[ \t]$", text, re.M)


@codes
def test_a_page_has_a_bad_and_a_good_example(code):
    found = [example.word for example in examples(code) if example.word]
    assert found[0] == "bad"
    assert found[-1] == "good"


@codes
def test_what_a_fence_hides_the_text_before_it_says(code):
    for example in examples(code):
        flags = dict(zip(example.flags[::2], example.flags[1::2], strict=True))
        for flag, value in flags.items():
            quoted = f"'{value}'" if "[" in value else value
            assert f"{flag} {quoted}" in " ".join(example.before.split()), f"{code}: {flag} {quoted}"
        if "file" in example.options:
            assert f"`{example.options['file']}`" in example.before


@codes
def test_examples_do_what_they_say(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert run_page(code, tmp_path, capsys) == []


@codes
def test_links_lead_to_pages(code):
    text = page_of(code).markdown
    links = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", text)
    assert all((FOLDER / target).is_file() for _, target in links)
    mentioned = set(re.findall(r"RLG\d+", text)) - {code}
    assert mentioned == {label for label, target in links if target == f"{label}.md"}


def test_the_index_lists_every_code_with_its_page():
    rows = [
        f"| [{c.code}](diagnostics/{c.code}.md) | {c.severity.value} | {c.title} |"
        for c in sorted(CODES.values(), key=lambda c: c.code)
    ]
    table = "\n".join(["| code | severity | about |", "|---|---|---|", *rows]) + "\n"
    text = INDEX.read_text(encoding="utf-8")
    expected = text[: text.index("| code |")] + table
    if os.environ.get("RL2GRAPH_UPDATE_GOLDEN"):
        INDEX.write_text(expected, encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == expected


def test_a_page_as_plain_text():
    markdown = (
        "# RLG999: a title\n\nSome prose about [RLG201](RLG201.md) that\nis `wrapped`.\n\n"
        "```rl2 bad act=box[2]\ne = mlp(\n\n  obs)\n```\n\n- one\n- two, which\n  goes on\n"
    )
    assert plain(markdown, 30) == (
        "RLG999: a title\n\n  Some prose about RLG201 that\n  is `wrapped`.\n\n"
        "      e = mlp(\n\n        obs)\n\n  - one\n  - two, which goes on\n"
    )
    assert [block.info for block in blocks(markdown)] == [None, None, "rl2 bad act=box[2]", None]
    assert without_links("see [a](b.md) and x[1] (y)") == "see a and x[1] (y)"


def test_the_summary_is_the_first_paragraph():
    page = page_of("RLG201")
    assert page.summary.endswith(".")
    assert "\n" not in page.summary
    assert page.text().startswith(f"RLG201: {CODES['RLG201'].title}\n\n  {page.summary[:20]}")


def test_what_ships_is_found_beside_the_package():
    assert shipped("docs/diagnostics") == FOLDER
    with pytest.raises(FileNotFoundError, match="neither in the installed package"):
        shipped("docs/nothing.md")
