"""A run is resumed with the spec and the parameters that it was started with."""

import pytest

from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.runfolder import RunFolder
from rl2graph.workers.train import train
from tests.workers.test_train import SPEC, start


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_spec_is_the_same_whatever_its_encoding_mark_and_line_ends(tmp_path, before, line_end):
    path = tmp_path / "net.rl2"
    path.write_bytes(before + (SPEC.strip() + "\n").replace("\n", line_end).encode())
    run = tmp_path / "run"
    start(path, run, steps=64)
    assert train(path, run=run, resume=True, steps=64, quiet=True).steps == 64
    path.write_text(SPEC + "\n# another\n")
    with pytest.raises(DiagnosticError) as caught:
        train(path, run=run, resume=True, steps=64, quiet=True)
    assert caught.value.diagnostics[0].code == "RLG605"


def test_a_run_keeps_its_parameters_as_the_model_has_them(tmp_path):
    path = tmp_path / "net.rl2"
    path.write_text('param scale = 0.5\nparam name = "s"\n' + SPEC + "\n")
    from rl2graph.compiler.files.overrides import constant_from

    run = tmp_path / "run"
    start(path, run, steps=64, params={"scale": 2, "name": constant_from("007")})
    config = RunFolder.open(run).config.read_text()
    assert "scale = 2.0" in config
    assert 'name = "007"' in config
    assert train(path, run=run, resume=True, steps=64, quiet=True).steps == 64
