"""Names of files that no text or no spec has."""

import json
import os
import subprocess
import sys

from rl2graph.cli.main import main


def test_a_name_that_cannot_be_decoded_is_quoted_in_sarif(tmp_path):
    for content in (b"pi = haed(obs)\n", None):
        if content is None:
            os.remove(os.fsencode(tmp_path) + b"/\xff.rl2")
        else:
            (tmp_path / os.fsdecode(b"\xff.rl2")).write_bytes(content)
        command = [sys.executable, "-m", "rl2graph", "check", b"\xff.rl2", "--format", "sarif"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        (result,) = json.loads(done.stdout)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.rl2"


def test_a_folder_is_not_offered_for_itself(tmp_path, capsys):
    (tmp_path / "net.rl2").mkdir()
    assert main(["show", str(tmp_path / "net.rl2")]) == 1
    err = capsys.readouterr().err
    assert "RLG601" in err
    assert "did you mean" not in err
    (tmp_path / "nets.rl2").touch()
    main(["show", str(tmp_path / "net.rl2")])
    assert "did you mean `nets.rl2`?" in capsys.readouterr().err
