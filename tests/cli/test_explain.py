"""`rl2graph explain`: pages and the list of codes, light and quick; and where `check` points to it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from rl2graph.diagnostics import CODES
from rl2graph.diagnostics.pages import page_of
from tests.support import ROOT


def run(capsys, *argv):
    status = main(list(argv))
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("spelling", ["RLG201", "rlg201", "201", "error[RLG201]"])
def test_a_page_is_printed_as_plain_text(capsys, monkeypatch, spelling):
    monkeypatch.setenv("COLUMNS", "90")
    status, out, err = run(capsys, "explain", spelling)
    assert (status, err) == (0, "")
    assert out == page_of("RLG201").text(90)
    assert out.startswith("RLG201: an unknown name\n\n  A name is read that nothing binds")
    assert "\n      pi = head(trunck)\n" in out


@pytest.mark.parametrize("code", sorted(CODES))
def test_no_page_shows_markup_or_long_lines(code):
    text = page_of(code).text(80)
    prose = [line for line in text.splitlines() if not line.startswith(" " * 6)]
    assert max(map(len, prose)) <= 80
    assert not [line for line in prose if "```" in line or "](" in line or line.startswith("#")]


def test_several_pages_follow_each_other(capsys):
    status, out, _ = run(capsys, "explain", "RLG901", "101")
    assert status == 0
    assert out.index("RLG901: ") < out.index("\n\nRLG101: ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("RLG2O1", "unknown code `RLG2O1`; did you mean `RLG201`?"),
        ("99999", "unknown code `RLG99999`; `rl2graph explain` lists them"),
        ("head", "unknown code `HEAD`; `rl2graph explain` lists them"),
    ],
)
def test_an_unknown_code_is_a_mistake_of_usage(capsys, asked, said):
    assert run(capsys, "explain", "RLG101", asked) == (2, "", f"rl2graph explain: {said}\n")


def test_without_a_code_all_are_listed(capsys):
    status, out, _ = run(capsys, "explain")
    lines = out.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines] == sorted(CODES)
    assert lines[0] == "RLG101  error    a token that cannot stand here"


def test_json(capsys):
    status, out, _ = run(capsys, "explain", "901", "--json")
    data = json.loads(out)
    assert (status, data["schema"]) == (0, 1)
    assert data["codes"] == [
        {
            "code": "RLG901",
            "severity": "warning",
            "title": CODES["RLG901"].title,
            "text": page_of("RLG901").text(),
            "markdown": page_of("RLG901").markdown,
        }
    ]
    listed = json.loads(run(capsys, "explain", "--json")[1])["codes"]
    assert [entry["code"] for entry in listed] == sorted(CODES)
    assert set(listed[0]) == {"code", "severity", "title"}


def test_nothing_heavy_is_imported():
    script = (
        "import sys\nfrom rl2graph.cli.main import main\nassert main(['explain', 'RLG302']) == 0\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"torch", "numpy", "networkx", "gymnasium"}


def test_check_points_to_at_most_three_pages(capsys, tmp_path):
    path = tmp_path / "net.rl2"
    path.write_text(
        "a = ob\nb = dnse(obs)\nc = mlp(obs, hiden=[3])\nd = dense(obs)\ne = ob2\npi = head(obs)\n"
    )
    status, out, err = run(capsys, "check", str(path))
    assert status == 1
    assert "explain" not in out
    assert err == f"for more: rl2graph explain RLG201 RLG202 RLG203\n{path}: 5 errors\n"
    path.write_text("pi = head(obs)\n")
    assert run(capsys, "check", str(path)) == (0, "", f"{path}: no errors\n")
