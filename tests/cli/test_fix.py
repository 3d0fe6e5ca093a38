"""`check --fix` changes a file only for the better."""

import pytest

from rl2graph.cli.main import main

SPACES = ["--obs", "f32[4]", "--act", "discrete[2]"]


def fixed(path, text):
    path.write_bytes(text.encode())
    status = main(["check", str(path), *SPACES, "--fix"])
    return status, path.read_bytes().decode()


@pytest.mark.parametrize(
    "text",
    [
        "x = dense(obs, 6 4)\npi = head(x)\n",
        "x = (tanh(obs), 32)\npi = head(x)\n",
        "x = obs\npi = head(detachx))\n",
    ],
)
def test_a_fix_that_leaves_another_error_is_not_made(tmp_path, text, capsys):
    assert fixed(tmp_path / "net.rl2", text) == (1, text)
    assert "fixed:" not in capsys.readouterr().err


def test_good_fixes_are_made_beside_a_bad_one(tmp_path, capsys):
    text = "x = dense(obs, 6 4)\ny = rleu(obs)\nz = tahn(y)\npi = head(z)\n"
    status, after = fixed(tmp_path / "net.rl2", text)
    assert (status, after) == (1, text.replace("rleu", "relu").replace("tahn", "tanh"))
    assert capsys.readouterr().err.count("fixed:") == 2


def test_a_file_without_a_good_fix_is_not_written(tmp_path):
    path = tmp_path / "net.rl2"
    path.write_text("x = dense(obs, 6 4)\npi = head(x)\n")
    before = path.stat().st_ino
    main(["check", str(path), *SPACES, "--fix"])
    assert path.stat().st_ino == before
