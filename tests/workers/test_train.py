import json
import os
import signal

import gymnasium
import numpy as np
import pytest
import safetensors.torch
import torch

from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.train import evaluate_run, train
from tests.workers.tiny import Tiny, tiny_vector

SPEC = "encoder e = mlp(obs, hidden=[8]); pi = head(e); v = head(e)\n"
SMALL = [
    "n_steps=16",
    "minibatch_size=32",
    "epochs=2",
    "checkpoint_every=64",
    "eval_episodes=2",
    "final_episodes=3",
]
FILES = ["best", "checkpoints", "config.toml", "last", "meta.json", "metrics.jsonl", "spec.rl2"]


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "small.rl2"
    path.write_text(SPEC)
    return path


def start(spec, run, *, settings=(), **arguments):
    arguments = {"env": "CartPole-v1", "steps": 160, "quiet": True, **arguments}
    copies = ["num_envs=2"] if isinstance(arguments["env"], str) else []
    return train(spec, run=run, settings=[*SMALL, *copies, *settings], **arguments)


def weights(run, step):
    return safetensors.torch.load_file(run / "checkpoints" / str(step) / "model.safetensors")


def code(caught):
    return caught.value.diagnostics[0].code


def test_a_run_leaves_a_whole_folder(spec, tmp_path):
    run = tmp_path / "run"
    result = start(spec, run)
    assert sorted(p.name for p in run.iterdir()) == FILES
    assert sorted(int(p.name) for p in (run / "checkpoints").iterdir()) == [0, 64, 128, 160]
    assert (run / "last").read_text() == "160\n"
    assert (run / "spec.rl2").read_text() == SPEC
    meta = json.loads((run / "meta.json").read_text())
    assert (meta["schema"], meta["seed"], meta["algo"], meta["env"]) == (1, 0, "ppo", "CartPole-v1")
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["steps"] for line in lines if line["kind"] == "update"] == [32, 64, 96, 128, 160]
    assert [line["steps"] for line in lines if line["kind"] == "evaluation"] == [64, 128, 160]
    assert result.steps == 160
    assert len(result.evaluation.returns) == 3
    assert result.to_json()["return_mean"] == result.evaluation.return_mean


def test_evaluating_the_run_gives_what_the_run_said(spec, tmp_path):
    result = start(spec, tmp_path / "run")
    assert evaluate_run(tmp_path / "run", episodes=3) == result.evaluation
    assert len(evaluate_run(tmp_path / "run", 2, checkpoint="best", greedy=False).returns) == 2
    assert len(evaluate_run(tmp_path / "run", 1, checkpoint="64", seed=4).returns) == 1
    for checkpoint in ("63", "../x"):
        with pytest.raises(DiagnosticError) as caught:
            evaluate_run(tmp_path / "run", 1, checkpoint=checkpoint)
        assert code(caught) == "RLG608"


def test_same_seed_bit_identical_and_no_global_generator_moved(spec, tmp_path):
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        start(spec, tmp_path / name, seed=seed)
    a, b, c = (weights(tmp_path / name, 160) for name in "abc")
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert not all(torch.equal(a[key], c[key]) for key in a)
    assert torch.equal(state, torch.get_rng_state())
    assert (numpy_state == np.random.get_state()[1]).all()


def test_resume_goes_on_from_last(spec, tmp_path):
    run = tmp_path / "run"
    start(spec, run, steps=64)
    result = train(run=run, resume=True, steps=160, quiet=True)
    assert result.steps == 160
    steps = [json.loads(line)["steps"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)
    assert result.agent.counters()["updates"] == 5
    # Again from the same place: the very same weights.
    first = weights(run, 160)
    (run / "last").write_text("64\n")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "upd')
    train(spec, run=run, resume=True, env="CartPole-v1", quiet=True)
    assert all(torch.equal(value, first[key]) for key, value in weights(run, 160).items())
    again = [json.loads(line)["steps"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert again == steps


def test_resume_takes_nothing_that_contradicts_the_run(spec, tmp_path):
    run = tmp_path / "run"
    start(spec, run, steps=32)
    other = tmp_path / "other.rl2"
    other.write_text(SPEC.replace("8", "9"))
    for arguments in (
        {"seed": 3},
        {"settings": ["gamma=0.5"]},
        {"env": "Acrobot-v1"},
        {"spec": other},
        {"run": tmp_path / "nowhere"},
        {"run": None},
    ):
        with pytest.raises(DiagnosticError) as caught:
            train(**{"run": run, "resume": True, "quiet": True, **arguments})
        assert code(caught) == "RLG605"


def test_a_folder_that_is_taken_is_left_alone(spec, tmp_path):
    run = tmp_path / "run"
    start(spec, run, steps=32)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    with pytest.raises(DiagnosticError) as caught:
        start(spec, run)
    assert code(caught) == "RLG605"
    assert before == {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    with pytest.raises(DiagnosticError) as caught:
        start(spec, spec)
    assert code(caught) == "RLG605"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"env": "CartPol-v1"}, "RLG604"),
        ({"env": None}, "RLG604"),
        ({"settings": ["gama=1"]}, "RLG606"),
        ({"settings": ["gamma=2"]}, "RLG607"),
        ({"settings": ["minibatch_size=33"]}, "RLG607"),
        ({"config": "nowhere.toml"}, "RLG601"),
        ({"algo": "pppo"}, "RLG506"),
        ({"spec": "pi = head(mlp(obs))"}, "RLG505"),
        ({"spec": "pi = head(mlp(obs))", "algo": "ppo"}, "RLG501"),
        ({"spec": "nowhere.rl2"}, "RLG601"),
        ({"spec": None}, "RLG601"),
        ({"params": {"wdth": 3}}, "RLG211"),
    ],
)
def test_a_start_that_fails_leaves_nothing(spec, tmp_path, arguments, expected):
    arguments = {"spec": spec, **arguments}
    with pytest.raises(DiagnosticError) as caught:
        start(arguments.pop("spec"), tmp_path / "runs" / "run", **arguments)
    assert code(caught) == expected
    assert not (tmp_path / "runs").exists()


def test_the_number_of_environments_handed_in_is_what_it_is(spec, tmp_path):
    with pytest.raises(DiagnosticError) as caught:
        start(spec, tmp_path / "run", env=Tiny(), settings=["num_envs=2"])
    assert code(caught) == "RLG607"


def test_an_environment_that_fails_before_the_first_update_leaves_nothing(spec, tmp_path):
    class Broken(Tiny):
        def step(self, action):
            raise ZeroDivisionError

    with pytest.raises(DiagnosticError, match="ZeroDivisionError"):
        start(spec, tmp_path / "run", env=Broken(), settings=["minibatch_size=16"])
    assert not (tmp_path / "run").exists()


def test_interrupting_saves_and_resume_goes_on(spec, tmp_path):
    run = tmp_path / "run"

    class Interrupted(Tiny):
        def step(self, action):
            if self.episode == 20 and self.t == 0:
                os.kill(os.getpid(), signal.SIGINT)
            return super().step(action)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as interrupted:
        start(spec, run, env=Interrupted(), settings=["minibatch_size=16"], steps=1000)
    assert signal.getsignal(signal.SIGINT) is handler
    stopped = int((run / "last").read_text())
    way_on = f"go on with `rl2graph train --resume --run {run}`"
    assert str(interrupted.value) == f"checkpoint {stopped} is in {run}; {way_on}"
    assert 40 < stopped < 60
    with pytest.raises(DiagnosticError) as caught:
        train(run=run, resume=True, quiet=True)
    assert code(caught) == "RLG604"
    result = train(run=run, resume=True, env=Tiny(), steps=100, quiet=True)
    assert (result.steps, result.evaluation) == (100, None)


def test_the_first_line_names_the_algorithm(spec, tmp_path, capsys):
    start(spec, tmp_path / "run", steps=32, quiet=False)
    assert capsys.readouterr().err.startswith("ppo, adam: one step on policy + value")


def test_a_folders_name_says_the_algorithm_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, expected in (("ppo_tiny", "ppo_tiny-CartPole-v1-s0"), ("ppota", "ppota-ppo-CartPole-v1-s0")):
        path = tmp_path / f"{name}.rl2"
        path.write_text(SPEC)
        assert str(start(path, None, steps=32).run) == f"runs/{expected}"


def test_a_damaged_checkpoint_is_not_resumed(spec, tmp_path):
    run = tmp_path / "run"
    start(spec, run, steps=32)
    path = run / "checkpoints" / "32" / "optim.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DiagnosticError) as caught:
        train(run=run, resume=True, quiet=True)
    assert code(caught) == "RLG608"


def test_params_and_vector_environments_of_the_users_own(tmp_path):
    spec = "param width = 8; e = mlp(obs, hidden=[width]); pi = head(e); v = head(e)"
    vector = tiny_vector("NextStep")
    run = tmp_path / "run"
    arguments = {"params": {"width": 5}, "eval_env": tiny_vector("Disabled")}
    result = start(spec, run, env=vector, settings=[], steps=64, **arguments)
    assert weights(run, result.steps)["e.dense.weight"].shape == (5, 3)
    assert evaluate_run(run, 3, env=tiny_vector("Disabled")).lengths == result.evaluation.lengths
    # What was handed in is not closed.
    vector.reset()


def test_a_run_needs_no_name(spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(start(spec, None, steps=32).run) == "runs/small-ppo-CartPole-v1-s0"
    assert str(start(spec, None, steps=32).run) == "runs/small-ppo-CartPole-v1-s0-2"


def test_lines_go_to_stderr(spec, tmp_path, capsys):
    start(spec, tmp_path / "run", quiet=False)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "of 160 steps" in shown.err


def test_continuous_actions(spec, tmp_path):
    assert gymnasium.spec("Pendulum-v1")
    result = start(
        spec, tmp_path / "run", env="Pendulum-v1", settings=["final_episodes=1", "eval_episodes=0"]
    )
    assert len(result.evaluation.returns) == 1


def test_statistics_move_once_per_collected_step_and_go_into_checkpoints(tmp_path):
    spec = tmp_path / "normed.rl2"
    spec.write_text("e = running_norm(obs) |> mlp(hidden=[8])\npi = head(e)\nv = head(e)\n")
    run = tmp_path / "run"
    start(spec, run, steps=96)
    train(run=run, steps=160, resume=True, quiet=True)
    for step in (64, 160):
        assert weights(run, step)["e.running_norm.count"] == pytest.approx(step, rel=1e-3)
    assert evaluate_run(run, 2).returns == evaluate_run(run, 2).returns
