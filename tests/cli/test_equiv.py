"""`rl2graph equiv`: what it prints, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from tests.cli.pairs import DIFFERENT, SAME
from tests.support import GOLDEN, ROOT, assert_golden

AT = {"line": 1, "column": 25, "end_line": 1, "end_column": 29}
SPACES = ["--obs", "f32[4]", "--act", "discrete[2]"]


@pytest.fixture
def equiv(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(one: str, other: str, *options: str, spaces=SPACES):
        (tmp_path / "a.rl2").write_text(one + "\n")
        (tmp_path / "b.rl2").write_text(other + "\n")
        status = main(["equiv", "a.rl2", "b.rl2", *spaces, *options])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.mark.parametrize("name", SAME)
def test_what_is_the_same_is_said_to_be(equiv, name):
    one, other = SAME[name]
    for pair in ((one, other), (other, one)):
        status, out, err = equiv(*pair)
        assert (status, err) == (0, "")
        assert out.startswith("a.rl2 and b.rl2 are the same function")


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_first_difference_is_shown_on_both_sides(equiv, name):
    one, other = DIFFERENT[name]
    status, out, err = equiv(one, other)
    assert (status, err) == (1, "")
    assert_golden(GOLDEN / "equiv" / f"{name}.txt", out)
    assert equiv(other, one)[0] == 1


def test_owners_are_shown_where_their_paths_differ(equiv):
    status, out, _ = equiv(*SAME["names"])
    assert (status, out) == (
        0,
        "a.rl2 and b.rl2 are the same function\n"
        "  e.dense = trunk.dense\n"
        "  e.dense_1 = trunk.dense_1\n"
        "  training differs: initial values are drawn by path, and paths differ\n",
    )


def test_how_training_differs_is_said(equiv):
    _, out, _ = equiv(*SAME["training"])
    assert out == (
        "a.rl2 and b.rl2 are the same function\n"
        "  training differs: `e.dense`, `e.dense_1`: frozen in B alone\n"
        "  training differs: `e.dense`, `e.dense_1`: learning rate 0.0001 in A, the algorithm's in B\n"
        "  training differs: `e.dense.weight`, `e.dense_1.weight`: starts from orthogonal(0.5) in A,"
        " orthogonal(1.41421) in B\n"
        "  training differs: `pi.weight`: starts from orthogonal(0.01) in A, normal(0.01) in B\n"
    )
    _, out, _ = equiv(*SAME["itself"])
    assert out == "a.rl2 and b.rl2 are the same function, trained alike\n"


def test_initial_values_are_told_apart_to_the_last_digit(equiv):
    text = "@init(normal, std={}) pi = head(obs)"
    _, out, _ = equiv(text.format("0.1"), text.format("0.10000000000000002"))
    assert out.splitlines()[1] == (
        "  training differs: `pi.weight`: starts from normal(0.1) in A, normal(0.10000000000000002) in B"
    )


def test_a_difference_in_an_imported_file_is_shown_there(equiv, tmp_path):
    for name, op in (("one", "relu"), ("two", "tanh")):
        (tmp_path / f"{name}.rl2").write_text(f"def block(x) = x |> dense(8)\n  |> {op}\n")
    status, out, _ = equiv(
        *(f'import "{name}.rl2" as lib\npi = head(lib.block(obs))' for name in ("one", "two"))
    )
    assert status == 1
    assert out.splitlines()[1:] == [
        "one.rl2:2:6: A", "  |", "2 |   |> relu", "  |      ^^^^ `relu`",
        "  --> a.rl2:2", "2 | pi = head(lib.block(obs))", "  |      -------------------- used here",
        "two.rl2:2:6: B", "  |", "2 |   |> tanh", "  |      ^^^^ `tanh`",
        "  --> b.rl2:2", "2 | pi = head(lib.block(obs))", "  |      -------------------- used here",
    ]  # fmt: skip


def test_specs_are_compared_without_spaces_too(equiv):
    assert equiv(*SAME["names"], spaces=[])[0] == 0
    assert (
        equiv("input obs: f32[n]\npi = dense(obs, 2)", "input obs: f32[m]\npi = dense(obs, 2)", spaces=[])[0]
        == 0
    )
    status, out, _ = equiv("input obs: f32[n]\npi = dense(obs, 2)", "pi = dense(obs, 2)", spaces=[])
    assert (status, out.splitlines()[0]) == (1, "not the same function: `obs` is f32[n] in A and f32[?] in B")


def test_parameters_go_to_the_spec_that_has_them(equiv):
    one, other = "param n = 4\npi = head(dense(obs, n))", "pi = head(dense(obs, 8))"
    assert equiv(one, other)[0] == 1
    assert equiv(one, other, "--param", "n=8")[0] == 0
    assert equiv(other, one, "--param", "n=8")[0] == 0
    assert equiv(one, one.replace("4", "8"), "--param", "n=16")[0] == 0
    status, out, err = equiv(one, other, "--param", "m=8")
    assert (status, out) == (2, "")
    assert err.count("RLG211") == 2


@pytest.mark.parametrize(
    ("one", "other", "options", "found"),
    [
        ("pi = haed(obs)", "pi = head(obs)", [], ["a.rl2:1:6: error[RLG202]"]),
        ("pi = head(obs)", "pi = haed(obs)", [], ["b.rl2:1:6: error[RLG202]"]),
        ("pi = haed(obs)", "pi = head(ob)", [], ["a.rl2:1:6: error[RLG202]", "b.rl2:1:11: error[RLG201]"]),
        ("pi = head(", "", [], ["a.rl2", "b.rl2"]),
        ("pi = head(obs)", "pi = head(obs)", ["--env", "CartPole-v1"], ["RLG503"]),
        ("pi = head(obs)", "pi = head(obs)", ["--param", "n"], ["RLG211"]),
        ("pi = head(obs)", "pi = head(obs)", ["--limit", "nodes=1"], ["RLG307", "RLG307"]),
        ("pi = head(obs)", "pi = head(obs)", ["--ops", "no_such_module"], ["RLG613"]),
        ("pi = head(obs)", "pi = head(obs)", ["--algo", "ppo"], ["unrecognized arguments: --algo"]),
    ],
)  # fmt: skip
def test_an_error_in_either_is_an_error(equiv, one, other, options, found):
    status, out, err = equiv(one, other, *options)
    assert (status, out) == (2, "")
    for text in found:
        assert text in err
        err = err.replace(text, "", 1)


def test_a_file_that_is_not_there_does_not_hide_what_is_wrong_with_the_other(equiv, capsys):
    equiv("pi = haed(obs)", "")
    assert main(["equiv", "a.rl2", "none.rl2", *SPACES]) == 2
    err = capsys.readouterr().err
    assert "RLG202" in err
    assert "cannot read none.rl2" in err


def test_warnings_are_left_to_check(equiv):
    assert (
        equiv("pi = head(mlp(obs))\nv = head(mlp(obs))", "pi = head(mlp(obs))\nv = head(mlp(obs))")[2] == ""
    )


def test_json_says_the_same(equiv):
    status, out, _ = equiv(*DIFFERENT["op"], "--json")
    data = json.loads(out)
    digests = data.pop("digests")
    assert (status, data) == (
        1,
        {
            "schema": 1,
            "a": "a.rl2",
            "b": "b.rl2",
            "same": False,
            "same_training": False,
            "reason": "A has `relu` where B has `tanh`",
            "places": {
                side: [{"place": {"path": f"{side}.rl2", **AT}, "text": f"`{op}`"}]
                for side, op in (("a", "relu"), ("b", "tanh"))
            },
            "owners": {},
            "training": [],
        },
    )  # fmt: skip
    assert digests["a"]["function"] != digests["b"]["function"]
    status, out, _ = equiv(*SAME["names"], "--json")
    data = json.loads(out)
    assert (status, data["same"], data["same_training"], data["reason"]) == (0, True, False, None)
    assert data["owners"] == {"e.dense": "trunk.dense", "e.dense_1": "trunk.dense_1", "pi": "pi", "v": "v"}
    assert data["digests"]["a"]["function"] == data["digests"]["b"]["function"]
    assert data["digests"]["a"]["training"] != data["digests"]["b"]["training"]


def test_the_command_runs():
    specs = ["specs/ppo_module.rl2", "specs/ppo_shared.rl2"]
    command = [sys.executable, "-m", "rl2graph", "equiv", *specs, *SPACES]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("specs/ppo_module.rl2 and specs/ppo_shared.rl2 are the same function\n")
