"""`rl2graph diff`: what it prints, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from tests.cli.pairs import DIFFERENT, SAME
from tests.support import GOLDEN, ROOT, assert_golden

SPACES = ["--obs", "f32[4]", "--act", "discrete[2]"]
TRAINED = {"names", "module", "module of a def", "training", "outputs by role"}  # in other ways
MORE = {
    "renamed_and_wider": (
        "encoder e = mlp(obs, hidden=[64, 64])\npi = head(e)\nv = head(e)",
        "encoder trunk = mlp(obs, hidden=[64, 32])\npi = head(trunk)\nv = head(trunk)",
    ),
    "renamed_and_normalised": (
        "encoder e = obs |> dense(8) |> relu |> dense(8) |> relu\npi = head(e)",
        "encoder trunk = obs |> dense(8) |> relu |> layer_norm |> dense(8) |> relu\npi = head(trunk)",
    ),
    "other_input": ("pi = head(mlp(obs))", "input goal: f32[3]\npi = head(mlp(concat(obs, goal)))"),
    "activation_of_a_binding": ("h = tanh(obs)\npi = head(h)", "h = relu(obs)\npi = head(h)"),
    "names": SAME["names"],
    "training": SAME["training"],
}


@pytest.fixture
def diff(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(one: str, other: str, *options: str, spaces=SPACES):
        (tmp_path / "a.rl2").write_text(one + "\n")
        (tmp_path / "b.rl2").write_text(other + "\n")
        status = main(["diff", "a.rl2", "b.rl2", *spaces, *options])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.mark.parametrize("name", SAME)
def test_nothing_differs_where_function_owners_and_training_are_the_same(diff, name):
    status, out, err = diff(*SAME[name])
    assert err == ""
    if name in TRAINED:
        assert status == 1
        body = out.splitlines()[2:-1]
        assert all(line.startswith(("~ owner ", "~ `")) for line in body)
    else:
        assert (status, out) == (0, "nothing differs between a.rl2 and b.rl2\n")


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (
            "pi = head(tanh(obs) |> noisy_dense(8, sigma=0.5))",
            "pi = head(relu(obs) |> noisy_dense(8, sigma=0.4))",
            "sigma",
        ),
        (
            "pi = head(tanh(obs) + parameter(4))",
            'pi = head(relu(obs) + parameter(4, init="normal", value=0.1))',
            "init",
        ),
    ],
)
def test_how_weights_start_is_no_change_of_a_node(diff, one, other, said):
    status, out, err = diff(one, other, "--json")
    found = json.loads(out)
    assert (status, err) == (1, "")
    assert said not in {change["what"] for changed in found["changed"] for change in changed["changes"]}
    assert len(found["training"]) >= 1
    assert "relu" in [node["op"] for node in found["added"]]


@pytest.mark.parametrize("name", [*DIFFERENT, *MORE])
def test_what_differs_is_listed(diff, name):
    one, other = (DIFFERENT | MORE)[name]
    status, out, err = diff(one, other)
    assert (status, err) == (1, "")
    assert_golden(GOLDEN / "equiv" / f"diff_{name}.txt", out)
    status, back, _ = diff(other, one)
    assert status == 1
    for sign, opposite in ("-+", "+-", "~~"):
        assert _count(out, sign) == _count(back, opposite)


def _count(text: str, sign: str) -> int:
    return sum(line.startswith(f"{sign} ") for line in text.splitlines())


def test_graphs_without_spaces_are_listed_without_costs(diff):
    status, out, _ = diff(*DIFFERENT["op"], spaces=[])
    assert status == 1
    assert out.splitlines()[2:] == [
        "- a.rl2:1  pi.relu  relu    f32[?]",
        "+ b.rl2:1  pi.tanh  tanh    f32[?]",
        "~ b.rl2:1  pi       head ?  f32[?]  reads pi.relu -> pi.tanh",
        "evaluations 3",
    ]


def test_json_says_the_same(diff):
    status, out, _ = diff(*DIFFERENT["attribute"], "--json")
    data = json.loads(out)
    assert (status, data["schema"], data["same"]) == (1, 1, False)
    assert data["removed"] == data["added"] == []
    (wider, head) = data["changed"]
    assert [change["what"] for change in wider["changes"]] == ["out", "type", "parameters", "FLOPs"]
    assert wider["changes"][0] == {"what": "out", "before": "64", "after": "32"}
    assert (wider["a"]["parameters"], wider["b"]["parameters"]) == (320, 160)
    assert wider["b"]["place"]["path"] == "b.rl2"
    assert [change["what"] for change in head["changes"]] == ["parameters", "FLOPs"]
    assert data["owners"] == {"h": "pi.dense"}
    assert data["parameters"] == {"a": 450, "b": 226}
    assert set(data) == {
        "schema", "a", "b", "same", "removed", "added", "changed", "outputs", "owners", "training", "other",
        "evaluations", "parameters", "flops",
    }  # fmt: skip
    status, out, _ = diff(*SAME["itself"], "--json")
    assert (status, json.loads(out)["same"]) == (0, True)


def test_an_error_in_either_is_an_error(diff):
    status, out, err = diff("pi = haed(obs)", "pi = head(ob)")
    assert (status, out) == (2, "")
    assert "a.rl2:1:6: error[RLG202]" in err
    assert "b.rl2:1:11: error[RLG201]" in err
    assert diff("pi = head(obs)", "pi = head(obs)", "--env", "CartPole-v1")[0] == 2
    assert diff("pi = head(obs)", "pi = head(obs)", "--no-such-option")[0] == 2


def test_the_command_runs():
    specs = ["specs/ppo_split.rl2", "specs/ppo_split.rl2"]
    command = [sys.executable, "-m", "rl2graph", "diff", *specs, *SPACES]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "nothing differs between specs/ppo_split.rl2 and specs/ppo_split.rl2\n"
