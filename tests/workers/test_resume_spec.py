"""A run is resumed with the spec and the parameters that it was started with."""

import json

import pytest

import rl2graph
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.runfolder import RunFolder
from rl2graph.workers.train import evaluate_run, train
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


def test_a_run_whose_spec_became_another_function_is_refused(tmp_path):
    path, run = tmp_path / "net.rl2", tmp_path / "run"
    path.write_text(SPEC + "\n")
    start(path, run, steps=64)
    meta = json.loads((run / "meta.json").read_text())
    model = rl2graph.compile(path, env="CartPole-v1")
    assert meta["function_digest"] == model.function_digest
    assert meta["training_digest"] == model.training_digest
    meta["function_digest"] = "0:" + "0" * 64  # of another canonical form
    (run / "meta.json").write_text(json.dumps(meta))
    assert evaluate_run(run, 1).returns
    meta["function_digest"] = model.function_digest[:-4] + "0000"
    (run / "meta.json").write_text(json.dumps(meta))
    for refused in (lambda: train(run=run, resume=True, quiet=True), lambda: evaluate_run(run, 1)):
        with pytest.raises(DiagnosticError, match="another function now") as caught:
            refused()
        assert caught.value.diagnostics[0].code == "RLG608"
