"""`rl2graph ops` and `--ops`."""

from __future__ import annotations

import json

import pytest

from rl2graph.cli.main import main
from rl2graph.ir.table import OPS

MODULE = """
from rl2graph.ops import Op, register, same_type

op = Op(name="tripled", doc="3 * x.", operands=("x",), infer=same_type, emit=lambda e: f"3 * {e.operands[0]}")
register(op, reference=lambda e: e.x + e.x + e.x)
"""
SPEC = "e = tripled(obs) |> mlp(hidden=[8])\npi = head(e)\nv = head(e)\n"
SPACES = ["--obs", "f32[4]", "--act", "discrete[2]"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_ops.py").write_text(MODULE)
    (tmp_path / "net.rl2").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_op_that_a_spec_may_name_is_listed(capsys):
    assert main(["ops"]) == 0
    listed = capsys.readouterr().out
    for op in OPS.values():
        assert (f"  {op.name}(" in listed) == op.written


def test_an_op_says_what_it_takes(capsys):
    assert main(["ops", "lstm", "atoms"]) == 0
    shown = capsys.readouterr().out
    assert "hidden: a whole number, at least 1" in shown
    assert "it carries state from step to step" in shown
    assert "of the action space where left out" in shown


def test_an_unknown_op_is_a_usage_error(capsys):
    assert main(["ops", "dens"]) == 2
    assert "did you mean `dense`?" in capsys.readouterr().err


def test_json_has_what_the_text_has(capsys):
    assert main(["ops", "--json", "conv2d"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["ops"]
    assert entry["signature"] == "conv2d(x, out, kernel, stride=1, padding=0, bias=true)"
    assert entry["family"] == "Layers"
    assert [a["name"] for a in entry["attributes"] if a["required"]] == ["out", "kernel"]
    assert {a["name"]: a["kind"] for a in entry["attributes"]} == dict.fromkeys(
        ("out", "kernel", "stride", "padding"), "int"
    ) | {"bias": "bool"}


def test_json_names_the_kind_of_each_attribute(capsys):
    assert main(["ops", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["ops"]
    kinds = {attribute["kind"] for op in listed for attribute in op["attributes"]}
    assert kinds == {"int", "float", "bool", "str", "list[int]"}


@pytest.mark.parametrize("columns", [10, 60, 80, 99, 100, 200])
def test_the_list_fits_the_terminal(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["ops"]) == 0
    lines = capsys.readouterr().out.splitlines()
    prose = [line for line in lines if line.startswith("      ")]
    assert prose
    assert max(map(len, prose)) <= max(columns, 20)
    assert ("…" in "".join(prose)) == (columns >= 100)


@pytest.mark.parametrize("command", ["check", "show", "compile"])
@pytest.mark.parametrize("module", ["my_ops.py", "my_ops"])
def test_commands_take_ops_of_the_users_own(folder, command, module, capsys, monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "my_ops", raising=False)
    assert main([command, "net.rl2", *SPACES]) == 1
    assert "RLG202" in "".join(capsys.readouterr())
    assert main([command, "net.rl2", *SPACES, "--ops", module]) == 0


def test_a_run_is_trained_and_evaluated_with_them(folder, capsys):
    settings = ["n_steps=16", "minibatch_size=32", "epochs=1", "num_envs=2", "final_episodes=2"]
    options = [argument for value in settings for argument in ("--set", value)]
    command = ["train", "net.rl2", "--env", "CartPole-v1", "--steps", "64", "--run", "run", "--quiet"]
    assert main([*command, *options, "--ops", "my_ops.py"]) == 0
    assert main(["eval", "run", "--episodes", "2", "--ops", "my_ops.py"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "RLG613"),
        ("import nothing_of_that_name\n", "RLG613"),
        ("1 +\n", "RLG613"),
        ("raise SystemExit(3)\n", "RLG613"),
        (MODULE.replace("3 * {", "2 * {"), "RLG703"),
        (MODULE + "register(op, reference=lambda e: 3 * e.x)\n", "RLG703"),
    ],
)
def test_a_module_that_cannot_be_used_is_refused(folder, text, code, capsys):
    if text is not None:
        (folder / "bad_ops.py").write_text(text)
    assert main(["ops", "--ops", "bad_ops.py"]) == 1
    found = capsys.readouterr()
    assert code in found.err
    assert "Traceback" not in found.err
