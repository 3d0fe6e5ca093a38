import json
from pathlib import Path

import numpy as np
import pytest
import torch

from rl2graph.agents import PPO, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector
from rl2graph.workers import MaxStepWorker
from rl2graph.workers.checkpoint import Checkpoint, follow, load, point, save, score_of
from rl2graph.workers.episodes import Episode
from rl2graph.workers.recorder import restored_progress, snapshot
from rl2graph.workers.worker import Progress
from tests.agents.handmade import Handmade
from tests.workers.tiny import tiny_vector

FILES = ["model.safetensors", "optim.safetensors", "memory.safetensors", "manifest.json"]


def agent(width=8):
    config = PPOConfig(n_steps=8, minibatch_size=8, epochs=2)
    return PPO(Handmade(Vector((3,)), Discrete(2), hidden=(width,)), config)


def trained():
    it = agent()
    MaxStepWorker(tiny_vector("SameStep"), it, max_steps=48).run()
    return it


def saved(folder, it, step=48):
    state = {"steps": step}
    return save(folder, Checkpoint.of(it, step, state, it.model.state_dict()), spec_text="pi = head(obs)")


def test_round_trip(tmp_path):
    it, other = trained(), agent()
    folder = saved(tmp_path, it)
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    load(folder).restore(other)
    for key, value in it.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[key])
    for key, value in it.optimiser_tensors().items():
        assert torch.equal(value, other.optimiser_tensors()[key])
    assert it.counters() == other.counters()
    obs = np.zeros((2, 3), np.float32)
    assert it.act(obs).action.tolist() == other.act(obs).action.tolist()


def test_restoring_keeps_the_drivers_tensors(tmp_path):
    """What goes on after a restore is what would have gone on without it."""
    it = trained()
    other = agent()
    load(saved(tmp_path, it)).restore(other)
    for each in (it, other):
        each.load_memory({})
        MaxStepWorker(tiny_vector("SameStep"), each, max_steps=48, seed=5).run()
    for key, value in it.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[key])


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_byte_is_found(tmp_path, name):
    folder = saved(tmp_path, trained())
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 0xFF
    (folder / name).write_bytes(data)
    with pytest.raises(DiagnosticError) as caught:
        load(folder)
    assert caught.value.diagnostics[0].code == "RLG608"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path, name):
    folder = saved(tmp_path, trained())
    (folder / name).unlink()
    with pytest.raises(DiagnosticError, match=name):
        load(folder)


def test_another_schema_and_another_model_are_refused(tmp_path):
    folder = saved(tmp_path, trained())
    with pytest.raises(DiagnosticError, match="does not fit"):
        load(folder).restore(agent(width=9))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(DiagnosticError, match="99"):
        load(folder)


def test_saving_replaces_and_leaves_nothing_beside(tmp_path):
    it = trained()
    saved(tmp_path, it)
    (tmp_path / ".48.partial").mkdir()
    saved(tmp_path, it)
    assert [p.name for p in tmp_path.iterdir()] == ["48"]


def test_a_save_that_fails_leaves_the_old_one(tmp_path, monkeypatch):
    it = trained()
    folder = saved(tmp_path, it)
    before = (folder / "manifest.json").read_bytes()

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rl2graph.workers.checkpoint._write", full)
    with pytest.raises(DiagnosticError, match="No space left") as caught:
        saved(tmp_path, it)
    assert caught.value.diagnostics[0].code == "RLG609"
    assert (folder / "manifest.json").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["48"]


def test_pointers(tmp_path):
    point(tmp_path / "last", 48)
    assert (tmp_path / "last").read_text() == "48\n"
    assert follow(tmp_path / "last", tmp_path / "checkpoints") == tmp_path / "checkpoints" / "48"
    (tmp_path / "last").write_text("../../etc\n")
    for pointer in ("last", "best"):
        with pytest.raises(DiagnosticError) as caught:
            follow(tmp_path / pointer, tmp_path)
        assert caught.value.diagnostics[0].code == "RLG608"


def test_a_failed_replacement_puts_the_old_one_back(tmp_path, monkeypatch):
    it = trained()
    saved(tmp_path, it)
    rename = Path.rename

    def failing(self, target):
        if self.name.endswith(".partial"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(DiagnosticError):
        saved(tmp_path, it)
    assert [p.name for p in tmp_path.iterdir()] == ["48"]


def test_one_that_a_kill_left_aside_is_found(tmp_path):
    folder = saved(tmp_path, trained())
    folder.rename(tmp_path / ".48.replaced")
    assert load(folder).step == 48
    assert [p.name for p in tmp_path.iterdir()] == ["48"]


def test_the_manifest_is_covered_too(tmp_path):
    folder = saved(tmp_path, trained())
    path = folder / "manifest.json"
    text = path.read_text()
    for damaged in (text.replace('"steps": 48', '"steps": 49'), "[" * 100_000, "[]", "{}"):
        path.write_text(damaged)
        with pytest.raises(DiagnosticError) as caught:
            load(folder)
        assert caught.value.diagnostics[0].code == "RLG608"
    path.write_text(text)
    with pytest.raises(DiagnosticError, match="step 48"):
        load(folder.rename(tmp_path / "64"))


@pytest.mark.parametrize(
    "state", [{}, {"steps": "x"}, {"steps": 1e999}, {"steps": 48, "episodes": 1, "recent": [3], "seconds": 0}]
)
def test_a_state_that_makes_no_sense_is_refused(state):
    with pytest.raises(DiagnosticError) as caught:
        restored_progress(Checkpoint(48, {}, {}, {}, state))
    assert caught.value.diagnostics[0].code == "RLG608"


def test_returns_that_are_not_finite_survive_as_null(tmp_path):
    progress = Progress(steps=48)
    progress.recent.append(Episode(0, float("nan"), 3))
    folder = save(tmp_path, snapshot(trained(), progress, 1.0), spec_text="")
    assert "NaN" not in (folder / "manifest.json").read_text()
    assert np.isnan(restored_progress(load(folder))[0].recent[0].episode_return)


def test_the_score_goes_with_the_pointer(tmp_path):
    pointer = tmp_path / "best"
    assert score_of(pointer) is None
    point(pointer, 48, 12.5)
    assert score_of(pointer) == (48, 12.5)
    assert follow(pointer, tmp_path) == tmp_path / "48"
