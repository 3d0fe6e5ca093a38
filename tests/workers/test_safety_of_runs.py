"""A run that becomes non-finite stops, says so, and leaves its last good state."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import SyncVectorEnv

import rl2graph
from rl2graph.agents import PPO, PPOConfig
from rl2graph.cli.main import main
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import MaxStepWorker, plan
from rl2graph.workers.train import evaluate_run, train
from tests.workers.test_train import SMALL, SPEC, code, start, weights
from tests.workers.tiny import Tiny

ONE = ["minibatch_size=16"]
SPACES = {"observation_space": Tiny.observation_space, "action_space": Tiny().action_space}


class Poisoned(Tiny):
    """From episode 60 on, rewards or observations are NaN."""

    def __init__(self, what):
        super().__init__()
        self.what = what

    def step(self, action):
        obs, reward, *rest = super().step(action)
        return obs, (np.nan if self.what == "reward" and self.episode > 60 else reward), *rest

    def observe(self):
        bad = self.what == "observation" and self.episode > 60
        return super().observe() * (np.nan if bad else 1.0)


def stopped(run, env, *settings, said=""):
    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, run, env=env, settings=[*ONE, *settings], steps=1000)
    assert code(caught) == "RLG610"
    last = int((run / "last").read_text())
    shown = str(caught.value)
    assert said in shown
    assert f"checkpoint {last}" in shown
    assert f"rl2graph train --resume --run {run}" in shown
    return last


def finite(tensors):
    return all(bool(torch.isfinite(value).all()) for value in tensors.values())


# 61 episodes of 2 and 3 steps in turn take 152 or 153; an update comes after every 16 steps.
@pytest.mark.parametrize(
    ("what", "settings", "said"),
    [
        ("reward", [], "the reward of environment 0"),
        ("observation", [], "its observation `obs` is not"),
        ("reward", ["normalise_rewards=true"], "the reward of environment 0"),
        ("observation", ["normalise_observations=true"], "the observation of environment 0"),
    ],
)
def test_the_state_before_it_is_saved_and_gone_on_from(tmp_path, what, settings, said):
    run = tmp_path / "run"
    last = stopped(run, Poisoned(what), *settings, said=said)
    assert last == 144  # of the last update, so that what was not learned from is collected anew
    assert finite(weights(run, last))
    best = (run / "best").read_text()
    assert int(best.split()[0]) == 128  # the last that was judged, by its training returns
    result = train(run=run, resume=True, env=Tiny(), steps=last + 48, quiet=True)
    assert result.steps == last + 48
    assert finite(weights(run, result.steps))


def test_weights_that_became_non_finite_all_the_same_are_not_saved(tmp_path, monkeypatch):
    run = tmp_path / "run"

    class Breaking(Poisoned):
        def step(self, action):
            if self.episode == 60:
                for parameter in self.agent.model.parameters():
                    parameter.data.fill_(np.nan)
            return super().step(action)

    env = Breaking("reward")
    build_agent = plan.build_agent

    def caught(model, resolved):
        env.agent = build_agent(model, resolved)
        return env.agent

    monkeypatch.setattr(plan, "build_agent", caught)
    assert stopped(run, env) == 128
    assert finite(weights(run, 128))
    assert not (run / "checkpoints" / "160").exists()


def test_in_the_first_rollout_nothing_is_left(tmp_path):
    class Sick(Tiny):
        def observe(self):
            return np.full(3, np.nan)

    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, tmp_path / "run", env=Sick(), settings=ONE)
    assert code(caught) == "RLG610"
    assert "resume" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_an_update_that_fails_is_not_counted_as_learned(tmp_path):
    """The tenth and last update is not finite: its steps are taken once more, and learned from."""
    run = tmp_path / "run"

    class Huge(Tiny):
        def step(self, action):
            obs, reward, *rest = super().step(action)
            return obs, 1e38 if self.episode > 59 else reward, *rest

    with pytest.raises(DiagnosticError, match="update 10") as caught:
        start(SPEC, run, env=Huge(), settings=ONE, steps=160)
    assert code(caught) == "RLG610"
    assert (run / "last").read_text() == "144\n"
    result = train(run=run, resume=True, env=Tiny(), quiet=True)
    assert result.steps == 160
    assert result.agent.counters()["updates"] == 10


def test_a_reward_that_is_not_finite_is_named_before_it_is_learned_from():
    agent = PPO(rl2graph.compile(SPEC, **SPACES), PPOConfig(n_steps=16, minibatch_size=16))
    with pytest.raises(DiagnosticError) as caught:
        MaxStepWorker(Poisoned("reward"), agent, max_steps=1000).run()
    shown = caught.value.diagnostics[0].message
    assert shown == "the reward of environment 0, 152 steps into the run, is not a finite number"


def test_rewards_whose_sum_alone_is_not_finite_are_learned_from():
    class Large(Tiny):
        def step(self, action):
            obs, _, *rest = super().step(action)
            return obs, 3e38, *rest

    env = SyncVectorEnv([Large, Large], autoreset_mode="SameStep")
    agent = PPO(rl2graph.compile(SPEC, **SPACES), PPOConfig(n_steps=16, minibatch_size=16))
    assert MaxStepWorker(env, agent, max_steps=8).run().steps == 8


@pytest.mark.parametrize("quiet", [True, False])
def test_an_evaluation_of_nan_rewards_says_so(tmp_path, capsys, quiet):
    class Unpaid(Tiny):
        def step(self, action):
            obs, _, *rest = super().step(action)
            return obs, np.nan, *rest

    run = tmp_path / "run"
    start(SPEC, run, env=Tiny(), eval_env=Unpaid(), settings=ONE, steps=32, quiet=quiet)
    assert "3 of the 3 episodes of an evaluation returned no finite number" in capsys.readouterr().err


def test_an_evaluation_that_is_not_finite_leaves_the_trained_state(tmp_path):
    class Sick(Tiny):
        def observe(self):
            return super().observe() * (np.nan if self.episode else 1.0)

    run = tmp_path / "run"
    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, run, env=Tiny(), eval_env=Sick(), settings=ONE)
    assert code(caught) == "RLG610"
    assert "checkpoint 64" in str(caught.value)
    assert (run / "last").read_text() == "64\n"
    assert not (run / "best").exists()
    assert len(evaluate_run(run, 2, env=Tiny()).returns) == 2


def test_the_command_prints_a_diagnosis_and_no_traceback(tmp_path, capsys):
    gymnasium.register("Poisoned-v0", lambda: Poisoned("reward"))
    spec = tmp_path / "net.rl2"
    spec.write_text(SPEC)
    settings = [part for setting in [*SMALL, *ONE, "num_envs=1"] for part in ("--set", setting)]
    try:
        run = str(tmp_path / "run")
        command = ["train", str(spec), "--env", "Poisoned-v0", "--steps", "400", "--run", run, "--quiet"]
        assert main([*command, *settings, "--set", "eval_episodes=0"]) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "error[RLG610]" in shown.err
        assert "Traceback" not in shown.err
        assert "checkpoint 144" in shown.err
    finally:
        del gymnasium.registry["Poisoned-v0"]
