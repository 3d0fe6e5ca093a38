"""The commands: results on stdout, findings on stderr, exit status 0, 1 or 2, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from tests.support import ROOT, SHARED

CARTPOLE = ["--obs", "f32[4]", "--act", "discrete[2]"]


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "net.rl2"
    path.write_text(SHARED + "\n")
    return path


def run(capsys, *argv):
    status = main([str(argument) for argument in argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_check_says_that_all_is_well(capsys, spec):
    status, out, err = run(capsys, "check", spec, *CARTPOLE, "--algo", "PPO")
    assert (status, out) == (0, "")
    assert err == f"{spec}: no errors\n"


JOINT = "q = concat(joint(obs), joint(act)) |> mlp |> head\npi = head(mlp(obs))\n"


@pytest.mark.parametrize("command", ["check", "show", "compile", "visualize", "equiv", "diff"])
def test_joins_of_named_ones_have_shapes(capsys, tmp_path, command):
    path, module = tmp_path / "net.rl2", tmp_path / "net.py"
    path.write_text(JOINT)
    more = {"equiv": [path], "diff": [path], "compile": ["-o", module]}.get(command, [])
    status, out, err = run(capsys, command, path, *more, *CARTPOLE, "--agents", "red, blue")
    assert status == 0, err
    if command in ("show", "visualize"):
        assert "f32[12]" in out  # twice 4 and 2
    if command == "compile":
        assert "joint_obs.red f32[4], joint_obs.blue f32[4]" in module.read_text()
        status, _, err = run(capsys, command, path, *more, *CARTPOLE)
        assert (status, "--agents" in err) == (1, True)


def test_check_takes_several_specs_and_formats(capsys, spec, tmp_path):
    bad = tmp_path / "bad.rl2"
    bad.write_text("pi = haed(obs)\n")
    status, out, _ = run(capsys, "check", spec, bad, *CARTPOLE, "--format", "concise")
    assert status == 1
    assert out == f"{bad}:1:6: error[RLG202]: unknown op `haed`\n"
    status, out, _ = run(capsys, "check", spec, bad, *CARTPOLE, "--format", "json")
    data = json.loads(out)
    assert (status, data["schema"], data["ok"]) == (1, 1, False)
    assert [d["code"] for d in data["diagnostics"]] == ["RLG202"]


def test_warnings_do_not_fail(capsys, tmp_path):
    path = tmp_path / "twins.rl2"
    path.write_text("pi = head(mlp(obs)); v = head(mlp(obs))\n")
    status, out, err = run(capsys, "check", path, *CARTPOLE)
    assert status == 0
    assert "warning[RLG901]" in out
    assert err.endswith("1 warning\n")


def test_the_fix_for_a_conv_on_a_vector_works(capsys, tmp_path):
    path = tmp_path / "conv.rl2"
    path.write_text("# mine\nencoder e = conv(obs); pi = head(e); v = head(e)\n")
    status, out, _ = run(capsys, "check", path, *CARTPOLE)
    assert status == 1
    assert "fix: replace `conv` by `encode`" in out
    status, out, err = run(capsys, "check", path, *CARTPOLE, "--fix")
    assert (status, out) == (0, "")
    assert "fixed: replace `conv` by `encode`" in err
    assert path.read_text() == "# mine\nencoder e = encode(obs); pi = head(e); v = head(e)\n"


def test_a_fix_keeps_line_ends_links_and_permissions(capsys, tmp_path):
    target, link = tmp_path / "target.rl2", tmp_path / "link.rl2"
    target.write_bytes(b"\xef\xbb\xbfe = conv(obs)\r\npi = head(e)\r\n")
    target.chmod(0o600)
    link.symlink_to(target)
    assert run(capsys, "check", link, *CARTPOLE, "--fix")[0] == 0
    assert link.is_symlink()
    assert target.read_bytes() == b"\xef\xbb\xbfe = encode(obs)\r\npi = head(e)\r\n"
    assert target.stat().st_mode & 0o777 == 0o600


def test_json_is_printed_when_nothing_can_be_checked(capsys, spec):
    status, out, _ = run(capsys, "check", spec, "--obs", "junk[", "--format", "json")
    assert status == 2
    assert json.loads(out)["ok"] is False


def test_json_holds_no_infinity(capsys, tmp_path):
    path = tmp_path / "inf.rl2"
    path.write_text("output y = obs * (1e200 * 1e200)\n")
    out = run(capsys, "show", path, *CARTPOLE, "--json")[1]
    assert "Infinity" not in out
    assert '"inf"' in out


def test_compile_reports_what_was_shared(capsys, spec):
    status, out, _ = run(capsys, "compile", spec, *CARTPOLE)
    assert status == 0
    assert "evaluations  10 -> 6 (-40%)" in out
    assert "parameters   9,091" in out
    status, out, _ = run(capsys, "compile", spec, *CARTPOLE, "--json", "-O0")
    data = json.loads(out)
    assert data["evaluations"] == {"before": 10, "after": 10}
    assert data["schema"] == 1


def test_compile_writes_a_module_and_a_program(capsys, spec, tmp_path):
    import torch

    code, program = tmp_path / "net.py", tmp_path / "net.pt2"
    assert run(capsys, "compile", spec, *CARTPOLE, "-o", code)[0] == 0
    assert code.read_text().startswith("import torch\n")
    assert run(capsys, "compile", spec, *CARTPOLE, "-o", program, "--seed", 3)[0] == 0
    obs = torch.randn(7, 4)
    loaded = torch.export.load(program).module()(obs)

    import rl2graph

    model = rl2graph.compile(spec, env="CartPole-v1", seed=3)
    assert torch.equal(loaded["v"], model(obs)["v"])


def test_parameters_are_set(capsys, tmp_path):
    path = tmp_path / "p.rl2"
    path.write_text("param width = 8\npi = head(dense(obs, width))\n")
    status, out, _ = run(capsys, "compile", path, *CARTPOLE, "--param", "width=100", "--json")
    assert status == 0
    assert json.loads(out)["parameters"] == 4 * 100 + 100 + 100 * 2 + 2
    status, _, err = run(capsys, "compile", path, *CARTPOLE, "--param", "widht=100")
    assert status == 1
    assert "did you mean `width`?" in err


def test_show_prints_a_table_with_and_without_spaces(capsys, spec):
    status, out, _ = run(capsys, "show", spec, *CARTPOLE)
    assert status == 0
    assert "%1  f.dense    dense(out=128)" in out
    assert out.rstrip().endswith("6 evaluations (10 as written), 9,091 parameters, 17,984 FLOPs/sample")
    status, out, _ = run(capsys, "show", spec)
    assert status == 0
    assert "f32[?]" in out
    data = json.loads(run(capsys, "show", spec, *CARTPOLE, "--json")[1])
    assert data["parameters"] == 9091
    assert [o["name"] for o in data["outputs"]] == ["pi", "v"]


@pytest.mark.parametrize("suffix", ["txt", "mmd", "svg", "dot", "json"])
def test_visualize_writes_each_format(capsys, spec, tmp_path, suffix):
    path = tmp_path / f"net.{suffix}"
    status, out, _ = run(capsys, "visualize", spec, *CARTPOLE, "-o", path, "--view", "both")
    assert (status, out) == (0, f"wrote {path}\n")
    assert "f.dense" in path.read_text()


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        ([], 2),
        (["chekc"], 2),
        (["check"], 2),
        (["check", "SPEC", "--format", "xml"], 2),
        (["compile", "SPEC", "-O9"], 2),
        (["compile", "SPEC", "-o", "net.exe"], 2),
        (["compile", "SPEC", "-o", "net.py", "--seed", "3"], 2),
        (["train", "SPEC", "--env", "CartPole-v1", "--seed", "-1"], 2),
        (["visualize", "SPEC", "-o", "net.bmp"], 2),
        (["train"], 2),
        (["train", "SPEC"], 2),
        (["train", "--resume"], 2),
        (["--help"], 0),
        (["--version"], 0),
    ],
)
def test_usage(capsys, spec, argv, status):
    assert run(capsys, *[spec if argument == "SPEC" else argument for argument in argv])[0] == status


SPEC_CODES = {"RLG506", "RLG501", "RLG307"}
BAD = {
    "missing": (None, [], "RLG601"),
    "binary": (b"\x00\xff\xfe\x01" * 9, [], "RLG602"),
    "NUL bytes": (b"pi = head(obs)\0", [], "RLG602"),
    "empty": (b"", [], "RLG603"),
    "comments alone": (b"# nothing\n\n", [], "RLG603"),
    "environment": (SHARED.encode(), ["--env", "CartPole-v9"], "RLG604"),
    "algorithm": (SHARED.encode(), [*CARTPOLE, "--algo", "pop"], "RLG506"),
    "role": (b"pi = head(mlp(obs))", [*CARTPOLE, "--algo", "ppo"], "RLG501"),
    "type": (SHARED.encode(), ["--obs", "f33[4]"], "RLG212"),
    "half a type": (SHARED.encode(), ["--obs", "f32["], "RLG102"),
    "dims": (SHARED.encode(), ["--obs", "f32[0]"], "RLG304"),
    "env and agents": (SHARED.encode(), ["--env", "CartPole-v1", "--agents", "red"], "RLG503"),
    "an agent twice": (SHARED.encode(), ["--agents", "red,blue,red"], "RLG503"),
    "an agent without a name": (SHARED.encode(), ["--agents", "red,"], "RLG503"),
    "env and obs": (SHARED.encode(), ["--env", "CartPole-v1", "--obs", "f32[4]"], "RLG503"),
    "empty type": (SHARED.encode(), ["--obs", ""], "RLG103"),
    "huge type": (SHARED.encode(), ["--act", "box[999999999999]"], "RLG304"),
    "huge layer": (b"pi = head(dense(obs, 99999999999))", ["--env", "CartPole-v1"], "RLG304"),
    "too many weights": (b"pi = head(obs |> dense(2000000000) |> dense(2000000000))", CARTPOLE, "RLG308"),
    "odd environment": (SHARED.encode(), ["--env", ".a:x"], "RLG611"),
    "parameter twice": (
        b"param n = 3; pi = head(dense(obs, n))",
        ["--param", "n=1", "--param", "n=2"],
        "RLG211",
    ),
    "action": (SHARED.encode(), ["--obs", "f32[4]", "--act", "f32[2]"], "RLG502"),
    "parameter": (SHARED.encode(), [*CARTPOLE, "--param", "width"], "RLG211"),
}


USAGE = {
    "type",
    "half a type",
    "dims",
    "env and obs",
    "env and agents",
    "an agent twice",
    "an agent without a name",
    "empty type",
    "huge type",
    "parameter",
    "parameter twice",
    "action",
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["check", "compile", "show", "visualize"])
def test_bad_input_gets_its_diagnostic(capsys, tmp_path, command, name):
    content, options, code = BAD[name]
    path = tmp_path / "bad.rl2"
    if content is not None:
        path.write_bytes(content)
    status, out, err = run(capsys, command, path, *options)
    assert status == (2 if name in USAGE else 1)
    assert f"error[{code}]" in out + err
    assert "Traceback" not in err


def test_compile_needs_spaces_to_write_a_module(capsys, spec, tmp_path):
    status, _, err = run(capsys, "compile", spec, "-o", tmp_path / "net.py")
    assert status == 1
    assert "RLG508" in err
    assert list(tmp_path.iterdir()) == [spec]


def test_what_cannot_be_written_is_diagnosed(capsys, spec, tmp_path):
    status, _, err = run(capsys, "compile", spec, *CARTPOLE, "-o", tmp_path / "no" / "net.py")
    assert status == 1
    assert "RLG609" in err


TRAIN_BAD = {
    "environment": (["--env", "CartPole-v9"], "RLG604"),
    "key": (["--env", "CartPole-v1", "--set", "learning_rat=1"], "RLG606"),
    "value": (["--env", "CartPole-v1", "--set", "learning_rate=-1"], "RLG607"),
    "algorithm": (["--env", "CartPole-v1", "--algo", "pop"], "RLG506"),
    "action space": (["--env", "tests.cli.strange:Strange-v0"], "RLG502"),
    "steps": (["--env", "CartPole-v1", "--steps", "0"], "RLG607"),
}


@pytest.mark.parametrize("name", TRAIN_BAD)
def test_train_leaves_nothing_behind_when_it_cannot_start(capsys, spec, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    options, code = TRAIN_BAD[name]
    status, out, err = run(capsys, "train", spec, *options, "--run", tmp_path / "run")
    assert status == 1
    assert f"error[{code}]" in err
    assert out == ""
    assert list(tmp_path.iterdir()) == [spec]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("encoder e = conv(obs); pi = head(e); v = head(e)", "RLG302"),
        ("pi = head(mlp(obs))", "RLG505"),
        ("", "RLG603"),
        ("pi = head(", "RLG102"),
    ],
)
def test_train_finds_mistakes_of_the_spec_first(capsys, tmp_path, monkeypatch, text, code):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.rl2"
    path.write_text(text)
    status, _, err = run(capsys, "train", path, "--env", "CartPole-v1")
    assert status == 1
    assert f"error[{code}]" in err
    assert list(tmp_path.iterdir()) == [path]


def test_an_environment_of_the_working_directory_is_found(capsys, spec, tmp_path, monkeypatch):
    (tmp_path / "own_env.py").write_text(
        "import gymnasium\nfrom gymnasium.envs.classic_control import CartPoleEnv\n"
        "gymnasium.register('Own-v0', entry_point=CartPoleEnv, max_episode_steps=20)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    assert run(capsys, "check", spec, "--env", "own_env:Own-v0")[0] == 0


def test_train_then_eval(capsys, spec, tmp_path):
    folder = tmp_path / "run"
    options = ["--steps", 512, "--set", "n_steps=32", "--set", "minibatch_size=64", "--run", folder]
    status, out, _ = run(capsys, "train", spec, "--env", "CartPole-v1", *options, "--quiet", "--json")
    assert status == 0
    trained = json.loads(out)
    assert trained["steps"] == 512
    status, out, _ = run(capsys, "eval", folder, "--json")
    assert status == 0
    evaluated = json.loads(out)
    assert evaluated["schema"] == 1
    assert evaluated["return_mean"] == trained["return_mean"]
    status, out, _ = run(capsys, "eval", folder, "--episodes", 4, "--sample")
    assert status == 0
    assert "over 4 sampled episodes" in out
    status, _, err = run(capsys, "eval", tmp_path / "nowhere")
    assert status == 1
    assert "RLG6" in err


def test_the_module_runs_as_a_command(spec):
    command = [sys.executable, "-m", "rl2graph", "check", str(spec), *CARTPOLE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("redirect", [">&-", "2>&-", "> /dev/full"])
def test_streams_that_take_nothing_give_no_traceback(spec, redirect):
    script = f"{sys.executable} -m rl2graph show {spec} {redirect}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if "full" in redirect else 0)


def test_a_terminal_that_knows_few_characters_shows_the_others_numbers(tmp_path):
    path = tmp_path / "e.rl2"
    path.write_text("é = obs\n")
    command = [sys.executable, "-m", "rl2graph", "check", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 1
    assert b"unexpected character `\\xe9`" in done.stdout


def test_a_reader_that_goes_away_is_no_error(spec):
    script = f"{sys.executable} -m rl2graph show {spec} --obs 'f32[4]' --act 'discrete[2]' | head -n 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_compile_prints_the_graph_after_a_pass_and_why_values_merged(capsys, spec):
    status, out, _ = run(capsys, "compile", spec, *CARTPOLE, "--print-after", "lowering")
    assert status == 0
    assert out.startswith("# after lowering\nowner f.dense: dense, weight[128, 4] = orthogonal")
    assert "%6 = dense(%0)" in out
    status, out, _ = run(capsys, "compile", spec, *CARTPOLE, "--explain-merge", "f.dense", "f.dense")
    assert (status, out.splitlines()[:2]) == (
        0,
        [
            "f.dense (%1, line 1) and f.dense (%6, line 1) are one computation",
            "  2 values are called f.dense: %1, %6",
        ],
    )
    status, _, err = run(capsys, "compile", spec, *CARTPOLE, "-O0", "--explain-merge", "pi", "v")
    assert (status, "-O0 merges nothing" in err) == (2, True)
    both = ("--print-after", "dedup", "--explain-merge", "pi", "v", "--json")
    data = json.loads(run(capsys, "compile", spec, *CARTPOLE, *both)[1])
    assert "%6 = value(%4)" in data["graphs"]["dedup"]
    assert data["explanation"]["merged"] is False
    assert data["explanation"]["places"][1]["column"] == 47
    merged = next(step for step in data["passes"] if step["name"] == "dedup")["remarks"][0]
    assert merged["kind"] == "merged"
    assert merged["nodes"] == [1, 6]
    assert [place["line"] for place in merged["places"]] == [1, 1]
    status, _, err = run(capsys, "compile", spec, *CARTPOLE, "--explain-merge", "pi", "vv")
    assert (status, "did you mean `v`?" in err) == (1, True)
    status, _, err = run(capsys, "compile", spec, *CARTPOLE, "-O0", "--print-after", "dedup")
    assert (status, "-O0 has no pass dedup" in err) == (2, True)


def test_an_interrupt_ends_with_what_it_says(capsys, monkeypatch):
    for said, shown in (
        ((), "interrupted\n"),
        (("checkpoint 3 is in x",), "interrupted\ncheckpoint 3 is in x\n"),
    ):

        def stopped(_, said=said):
            raise KeyboardInterrupt(*said)

        monkeypatch.setattr("rl2graph.cli.ops_command.run", stopped)
        assert run(capsys, "ops") == (130, "", shown)
