"""`--obs` and `--act` take spaces of parts wherever they stand."""

import json

import pytest

from rl2graph.cli.main import main

OBS = "{ x: f32[4], mask: multi_binary[3] }"
ACT = '{ left: discrete[3], "right arm": { "0": box[2] } }'
SPEC = 'e = mlp(obs.x, hidden=[8])\npi = head(e)\nq = head(concat(e, act.left, act["right arm"]["0"]))\n'
BY_HAND = (
    "e = mlp(obs.x, hidden=[8])\npi = concat(masked(categorical(e, 3), obs.mask), gaussian(e, 2))\n"
    'q = head(concat(e, act.left, act["right arm"]["0"]))\n'
)


@pytest.fixture
def specs(tmp_path):
    for name, text in (("a.rl2", SPEC), ("b.rl2", BY_HAND)):
        (tmp_path / name).write_text(text)
    return str(tmp_path / "a.rl2"), str(tmp_path / "b.rl2")


def run(capsys, *argv):
    status = main([*argv, "--obs", OBS, "--act", ACT])
    return status, capsys.readouterr()


def test_check_show_and_comparisons(specs, capsys):
    assert run(capsys, "check", *specs)[0] == 0
    status, said = run(capsys, "show", specs[0])
    assert status == 0
    assert "pi.part_1.part_0" in said.out
    assert run(capsys, "equiv", specs[0], specs[0])[0] == 0
    status, said = run(capsys, "diff", *specs)
    assert status == 1
    assert "masked" in said.out
    status, said = run(capsys, "show", specs[1], "--json")
    assert any(node["op"] == "masked" for node in json.loads(said.out)["nodes"])


@pytest.mark.parametrize("suffix", [".txt", ".svg", ".mmd", ".dot", ".json"])
def test_pictures(specs, capsys, tmp_path, suffix):
    out = tmp_path / f"picture{suffix}"
    assert run(capsys, "visualize", specs[0], "-o", str(out))[0] == 0
    assert "part_1" in out.read_text()


@pytest.mark.parametrize("suffix", [".py", ".pt2"])
def test_exports(specs, capsys, tmp_path, suffix):
    out = tmp_path / f"model{suffix}"
    assert run(capsys, "compile", specs[1], "-o", str(out))[0] == 0
    assert out.stat().st_size


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("{ eye: image[3, 8, 8] }", "the part `eye` of the action space"),
        ("{ a: { b: f32[2] } }", "the part `a.b` of the action space"),
        ("f32[2]", "is written `box[2]`"),
    ],
)
def test_what_is_no_action_is_refused(specs, capsys, act, words):
    status = main(["check", specs[0], "--obs", OBS, "--act", act])
    said = capsys.readouterr()
    assert status in (1, 2)
    assert words in said.out + said.err
    assert "RLG502" in said.out + said.err
