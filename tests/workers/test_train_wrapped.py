"""Runs whose environments are wrapped and whose observations and rewards are normalised."""

import json
import tomllib

import gymnasium
import numpy as np
import pytest
import safetensors.numpy
import torch

from rl2graph.cli.main import main
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import plan
from rl2graph.workers.checkpoint import load, save
from rl2graph.workers.train import evaluate_run, train
from tests.workers.test_train import SPEC, code, start, weights
from tests.workers.tiny import Tiny, tiny_vector

NORMALISED = ["normalise_observations=true", "normalise_rewards=true"]
MASKED = "e = embedding(obs.observation, 8)\npi = masked(head(e), obs.action_mask)\nv = head(e)\n"


def moments(run, step):
    return safetensors.numpy.load_file(run / "checkpoints" / str(step) / "normalisation.safetensors")


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_moments_go_with_the_run(tmp_path):
    run = tmp_path / "run"
    result = start(SPEC, run, settings=NORMALISED)
    found = {step: moments(run, step) for step in (0, 64, 128, 160)}
    # Two copies: 2 first observations, then one a step.
    assert [int(found[step]["observation.count"]) for step in found] == [0, 66, 130, 162]
    assert int(found[160]["return.count"]) == 160
    assert found[160]["observation.mean"].dtype == np.float64
    # Evaluating moved none of them, and evaluates with them.
    assert evaluate_run(run, 3) == result.evaluation
    assert all(value == int(value) for value in result.evaluation.returns)  # CartPole's own
    assert all(line["return_mean"] > 8 for line in metrics(run) if line["return_mean"] is not None)
    start(SPEC, tmp_path / "plain", steps=32)
    assert not (tmp_path / "plain" / "checkpoints" / "32" / "normalisation.safetensors").exists()


def test_evaluation_reads_the_moments_of_its_checkpoint(tmp_path):
    run = tmp_path / "run"
    start(SPEC, run, steps=64, settings=["normalise_observations=true", "eval_episodes=0"])
    path = run / "checkpoints" / "64"
    before = evaluate_run(run, 5).returns
    whole = load(path)
    whole.normalisation["observation.mean"] += 5.0
    save(path.parent, whole, spec_text=SPEC)
    assert evaluate_run(run, 5).returns != before
    (path / "normalisation.safetensors").write_bytes(b"")
    with pytest.raises(DiagnosticError, match="not what was written") as caught:
        evaluate_run(run, 5)
    assert code(caught) == "RLG608"


def test_a_resumed_run_goes_on_with_the_moments(tmp_path):
    run = tmp_path / "run"
    start(SPEC, run, steps=64, settings=NORMALISED)
    at_64 = moments(run, 64)
    train(run=run, resume=True, steps=160, quiet=True)
    assert int(moments(run, 160)["observation.count"]) == int(at_64["observation.count"]) + 2 + 96
    first, ended = moments(run, 160), weights(run, 160)
    (run / "last").write_text("64\n")
    train(run=run, resume=True, quiet=True)
    assert all((first[name] == array).all() for name, array in moments(run, 160).items())
    assert all(torch.equal(ended[name], tensor) for name, tensor in weights(run, 160).items())


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_normalisation_is_for_environments_handed_in_too(tmp_path, mode):
    run = tmp_path / "run"
    start(SPEC, run, env=tiny_vector(mode), steps=64, settings=NORMALISED)
    last = int((run / "last").read_text())
    assert int(moments(run, last)["return.count"]) == last
    assert evaluate_run(run, 2, env=Tiny()).lengths == (2, 3)


@pytest.mark.parametrize(
    "setting",
    ["time_limit=5", "frame_stack=2", "rescale_action=true", "action_mask=true", "vectorization=async"],
)
def test_an_environment_handed_in_is_wrapped_by_whoever_has_it(tmp_path, setting):
    with pytest.raises(DiagnosticError, match="ready-made") as caught:
        start(SPEC, tmp_path / "run", env=Tiny(), settings=[f"env.{setting}"])
    assert code(caught) == "RLG607"
    assert not (tmp_path / "run").exists()


def test_the_table_is_kept_and_used_again(tmp_path, capsys):
    run = tmp_path / "run"
    spec = tmp_path / "net.rl2"
    spec.write_text("e = flatten(obs) |> mlp(hidden=[8])\npi = head(e)\nv = head(e)\n")
    config = tmp_path / "c.toml"
    config.write_text("[env]\nframe_stack = 2\ntime_limit = 7\n")
    start(spec, run, steps=32, config=config, settings=["env.time_limit=5"])
    table = tomllib.loads((run / "config.toml").read_text())["env"]
    assert (table["frame_stack"], table["time_limit"], table["vectorization"]) == (2, 5, "sync")
    assert "clip_rewards" not in table
    assert evaluate_run(run, 4).lengths == (5, 5, 5, 5)
    assert train(run=run, resume=True, steps=64, quiet=True).evaluation.lengths == (5, 5, 5)
    assert weights(run, 64)["e.dense.weight"].shape == (8, 8)
    assert main(["eval", str(run), "--episodes", "1", "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lengths"] == [5]


def test_a_family_may_set_the_table(tmp_path, monkeypatch):
    tables = {"env": {"time_limit": 5, "clip_rewards": 1.0}, "ppo": {"gamma": 0.9}}
    monkeypatch.setattr(plan, "family_defaults", lambda _: ("short", tables))
    assert start(SPEC, tmp_path / "a", steps=32).evaluation.lengths == (5, 5, 5)
    assert start(SPEC, tmp_path / "b", steps=32, settings=["time_limit=4"]).evaluation.lengths == (4, 4, 4)


def test_the_algorithm_is_chosen_for_the_spaces_that_are_trained_in(tmp_path):
    taxi = "Taxi-v4" if "Taxi-v4" in gymnasium.registry else "Taxi-v3"
    result = start(
        MASKED,
        tmp_path / "run",
        env=taxi,
        steps=32,
        settings=["env.action_mask=true", "env.time_limit=20", "env.vectorization=async"],
    )
    assert result.evaluation.lengths == (20, 20, 20)


def test_clipped_rewards_are_learned_from_and_true_returns_reported(tmp_path):
    run = tmp_path / "run"
    start(
        SPEC,
        run,
        env=Tiny(),
        settings=["minibatch_size=16", "clip_rewards=0.01", "normalise_observations=true"],
    )
    last = [line for line in metrics(run) if line["kind"] == "update"][-1]
    assert last["return_mean"] > 100
    assert last["value_loss"] < 1


def test_what_is_evaluated_in_has_the_spaces_that_are_trained_in(tmp_path):
    stacked = gymnasium.wrappers.FrameStackObservation(gymnasium.make("CartPole-v1"), 2)
    with pytest.raises(DiagnosticError, match=r"f32\[2, 4\]") as caught:
        start(SPEC, tmp_path / "run", eval_env=stacked)
    assert code(caught) == "RLG607"


def test_a_device_that_is_not_there_is_refused_before_anything_is_made(tmp_path):
    for device in ("cuda:99", "abacus"):
        with pytest.raises(DiagnosticError, match=device) as caught:
            start(SPEC, tmp_path / "run", settings=[f"device={device}"])
        assert code(caught) == "RLG607"
    assert not (tmp_path / "run").exists()
    start(SPEC, tmp_path / "run", steps=32)
    with pytest.raises(DiagnosticError, match="abacus"):
        evaluate_run(tmp_path / "run", 1, device="abacus")
