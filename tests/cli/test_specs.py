"""`rl2graph specs`: the list of shipped specs, and the text of one."""

from __future__ import annotations

import json

import pytest

from rl2graph.cli.main import main
from rl2graph.zoo import zoo

SPECS = {spec.name: spec for spec in zoo()}


def run(capsys, *argv):
    status = main(["specs", *argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_all_are_listed_one_a_line_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    heading, *lines = out.splitlines()
    assert heading.split() == ["name", "trained", "by", "parameters", "spaces", "title"]
    assert [line.split()[0] for line in lines] == list(SPECS)
    at = heading.index("title")
    assert [line[at:] for line in lines] == [spec.title for spec in SPECS.values()]
    assert lines[list(SPECS).index("ppo_shared")][:at].split() == [
        "ppo_shared", "ppo,", "a2c", "9,091", "f32[4]", "->", "discrete[2]",
    ]  # fmt: skip
    assert lines[list(SPECS).index("mappo")][:at].split()[1:3] == ["-", "symbolic"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_titles_go_below_where_the_terminal_is_narrow(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = run(capsys)
    titles = [line for line in out.splitlines() if line.startswith("    ")]
    assert max(map(len, titles)) <= width
    assert " ".join(" ".join(titles).split()) == " ".join(spec.title for spec in SPECS.values())


def test_a_spec_is_printed_as_it_is(capsys, tmp_path):
    status, out, err = run(capsys, "dqn_nature")
    assert (status, err) == (0, "")
    assert out == SPECS["dqn_nature"].text
    (tmp_path / "net.rl2").write_text(out)
    spaces = ["--obs", SPECS["dqn_nature"].observation, "--act", SPECS["dqn_nature"].action]
    assert main(["check", str(tmp_path / "net.rl2"), *spaces]) == 0


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("dqn_natur", "did you mean `dqn_nature`?"), ("zzz", "`rl2graph specs` lists them")],
)
def test_an_unknown_name_is_a_mistake_of_usage(capsys, asked, hint):
    assert run(capsys, asked) == (2, "", f"rl2graph specs: unknown spec `{asked}`; {hint}\n")
    assert run(capsys, asked, "--json")[0] == 2


def test_json_holds_what_the_headers_say(capsys):
    _, out, _ = run(capsys, "--json")
    listed = json.loads(out)
    assert listed["schema"] == 1
    assert [entry["name"] for entry in listed["specs"]] == list(SPECS)
    assert all("text" not in entry for entry in listed["specs"])
    (entry,) = json.loads(run(capsys, "ppo_split", "--json")[1])["specs"]
    spec = SPECS["ppo_split"]
    (a2c,) = json.loads(run(capsys, "a2c_shared", "--json")[1])["specs"]
    assert (a2c["algorithm"], a2c["algorithms"]) == ("a2c", ["ppo", "a2c"])
    assert entry == {
        "name": "ppo_split",
        "title": spec.title,
        "paper": spec.paper,
        "notes": "",
        "observation": "f32[17]",
        "action": "box[6]",
        "parameters": 11085,
        "algorithm": "ppo",
        "algorithms": ["ppo", "a2c"],
        "text": spec.text,
    }
