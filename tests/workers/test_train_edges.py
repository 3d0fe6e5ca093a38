import json
import os
import signal
from dataclasses import dataclass

import gymnasium
import pytest

from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.evaluate import Evaluation
from rl2graph.workers.interrupt import SafeInterrupt
from rl2graph.workers.train import evaluate_run, train
from tests.workers.test_train import SPEC, code, start
from tests.workers.tiny import Tiny, tiny_vector


@dataclass
class Scores:
    """Stands in for evaluations: the given scores, in turn."""

    scores: list[float]

    def __call__(self, agent, env, *, episodes, seed=0, greedy=True, check=None, normalisation=None):
        return Evaluation((self.scores.pop(0),), (1,), greedy)


def scored(monkeypatch, *scores):
    monkeypatch.setattr("rl2graph.workers.recorder.evaluate", Scores(list(scores)))


def best(run):
    return int((run / "best").read_text().split()[0])


def test_best_stays_after_a_resume(tmp_path, monkeypatch):
    run = tmp_path / "run"
    scored(monkeypatch, 90.0)
    start(SPEC, run, steps=64)
    scored(monkeypatch, 10.0, 20.0)
    train(run=run, resume=True, steps=160, quiet=True)
    assert best(run) == 64


def test_a_score_that_is_not_finite_is_never_best(tmp_path, monkeypatch):
    run = tmp_path / "run"
    nan = float("nan")
    scored(monkeypatch, nan, 5.0, nan)
    result = start(SPEC, run)
    assert best(run) == 128
    assert json.dumps(result.to_json(), allow_nan=False)
    assert "NaN" not in (run / "metrics.jsonl").read_text()


def test_resuming_a_finished_run_rewrites_no_checkpoint(tmp_path):
    run = tmp_path / "run"
    start(SPEC, run, steps=32)
    before = (run / "checkpoints" / "32" / "manifest.json").stat().st_ino
    assert train(run=run, resume=True, quiet=True).steps == 32
    assert (run / "checkpoints" / "32" / "manifest.json").stat().st_ino == before


def test_a_run_killed_before_its_first_step_can_be_resumed(tmp_path, monkeypatch):
    run = tmp_path / "run"

    def killed(*_, **__):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("rl2graph.workers.train.MaxStepWorker", killed)
        with pytest.raises(SystemExit):
            start(SPEC, run, steps=32)
    assert (run / "last").read_text() == "0\n"
    assert train(run=run, resume=True, quiet=True).steps == 32


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"spec": SPEC.replace("8", "9")}, "RLG605"),
        ({"steps": 16}, "RLG607"),
    ],
)
def test_a_resume_that_contradicts_the_run(tmp_path, arguments, expected):
    start(SPEC, tmp_path / "run", steps=32)
    with pytest.raises(DiagnosticError) as caught:
        train(run=tmp_path / "run", resume=True, quiet=True, **arguments)
    assert code(caught) == expected
    assert train(SPEC, run=tmp_path / "run", resume=True, quiet=True).steps == 32


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"steps": 31}, "RLG607"),
        ({"run": "."}, "RLG605"),
        ({"run": ""}, "RLG605"),
        ({"run": "x/.."}, "RLG605"),
        ({"config": {"run": 3}}, "RLG606"),
        ({"config": [1]}, "RLG606"),
        ({"settings": ["learning_rate=1e39"]}, "RLG607"),
        ({"settings": ["n_steps=100000000000"]}, "RLG607"),
    ],
)
def test_starts_that_are_refused(tmp_path, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, **{"run": "run", **arguments})
    assert code(caught) == expected
    assert not list(tmp_path.iterdir())


def test_training_and_evaluating_in_one_environment_is_refused(tmp_path):
    single, vector = Tiny(), tiny_vector("SameStep")
    for env, eval_env in (
        (single, single),
        (single, gymnasium.wrappers.TimeLimit(single, 5)),
        (vector, vector.envs[1]),
    ):
        with pytest.raises(DiagnosticError, match="eval_env") as caught:
            start(SPEC, tmp_path / "run", env=env, eval_env=eval_env, settings=["minibatch_size=16"])
        assert code(caught) == "RLG607"


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(DiagnosticError) as caught:
        evaluate_run(tmp_path, 1, seed=-1)
    assert code(caught) == "RLG607"


def test_the_first_interrupt_says_what_happens(capfd):
    with SafeInterrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupt.check()
    assert "press Ctrl-C again to stop at once" in capfd.readouterr().err


def test_one_interrupt_ends_an_evaluation_during_training(tmp_path):
    class Endless(Tiny):
        def step(self, action):
            self.t += 1
            if self.t == 3:
                os.kill(os.getpid(), signal.SIGINT)
            assert self.t < 10
            return self.observe(), 0.0, False, False, {}

    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        start(SPEC, run, env=Tiny(), eval_env=Endless(), settings=["minibatch_size=16"])
    assert (run / "last").read_text() == "64\n"
