"""The commands of docs/environments.md work; the steps of its runs are cut to one or two updates here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import gymnasium
import pytest

from rl2graph.cli.main import main
from tests.support import ROOT

PAGE = (ROOT / "docs" / "environments.md").read_text()
COMMANDS = re.findall(r"^\$ rl2graph (.*)$", PAGE, re.MULTILINE)
SPEC = re.search(r"```\n(h = .*?)```", PAGE, re.DOTALL)[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_work(command, tmp_path, monkeypatch):
    (tmp_path / "masked.rl2").write_text(SPEC)
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(command)
    if "ALE/Pong-v5" in arguments:
        pytest.importorskip("ale_py")
        pytest.importorskip("cv2")
    if "Taxi-v4" in arguments and "Taxi-v4" not in gymnasium.registry:
        pytest.skip("this gymnasium has Taxi-v3")
    if arguments[0] == "train":
        arguments[arguments.index("--steps") + 1] = "32"
        short = ["n_steps=1", "minibatch_size=8", "epochs=1", "eval_episodes=0", "final_episodes=1"]
        arguments += ["--quiet", *(part for setting in short for part in ("--set", setting))]
    assert main(arguments) == 0


def test_its_python_works():
    """The block about a worker's normalisation; test_docs.py runs the loop of one's own."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (block,) = [block for block in blocks if "MaxStepWorker" in block]
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2052\n"
