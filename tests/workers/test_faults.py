"""Environments that raise or give what they did not declare, and what a run leaves behind then."""

import os
import traceback

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, VectorEnv

import rl2graph
from rl2graph.agents import PPO, PPOConfig
from rl2graph.cli.main import main
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import Environments, MaxStepWorker
from rl2graph.workers.train import train
from tests.workers.test_train import SMALL, SPEC, code, start
from tests.workers.tiny import Tiny, tiny_vector

ONE = ["minibatch_size=16"]
RAISED = [
    RuntimeError("lost the simulator"),
    KeyError("pose"),
    ConnectionResetError(104, "Connection reset by peer"),
    TimeoutError("no answer"),
    BrokenPipeError(32, "Broken pipe"),
]


class Failing(Tiny):
    """From its episode `at` on, `step` does what `how` does."""

    def __init__(self, how, at=0):
        super().__init__()
        self.how, self.at = how, at

    def step(self, action):
        given = super().step(action)
        return self.how(given) if self.episode >= self.at else given


def raising(error):
    def how(_):
        raise error

    return how


def observing(obs):
    return lambda given: (obs, *given[1:])


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_what_an_environment_raises_is_named_with_its_line(error):
    env = Environments(Failing(raising(error)))
    env.reset(0)
    with pytest.raises(DiagnosticError) as caught:
        env.step(np.zeros(1, np.int64))
    assert code(caught) == "RLG604"
    assert caught.value.__cause__ is error
    shown = caught.value.diagnostics[0].message
    line = traceback.extract_tb(error.__traceback__)[-1].lineno
    assert "the environment `Failing` broke off: `step` raised " + type(error).__name__ in shown
    assert f"test_faults.py:{line})" in shown


def test_a_reset_that_raises():
    class Sick(Tiny):
        def reset(self, *, seed=None, options=None):
            raise OSError("no display")

    with pytest.raises(DiagnosticError, match="`reset` raised OSError: no display") as caught:
        Environments(Sick()).reset()
    assert code(caught) == "RLG604"


@pytest.mark.parametrize("how", [lambda _: None, lambda given: given[:4], lambda given: (*given, 1)])
def test_a_step_of_another_form_is_told_the_form(how):
    env = Environments(Failing(how))
    env.reset(0)
    with pytest.raises(DiagnosticError, match="`step` raised") as caught:
        env.step(np.zeros(1, np.int64))
    assert "terminated, truncated, info" in caught.value.diagnostics[0].hint


@pytest.mark.parametrize(
    ("obs", "said"),
    [
        (np.zeros(4), "has shape (4,), and the space declares (3,)"),
        (None, "the observation is None"),
        (np.zeros((1, 3)), "has shape (1, 3)"),
        ({"a": 1}, "is a dict"),
    ],
)
def test_an_observation_that_the_space_does_not_declare(obs, said):
    env = Environments(Failing(observing(obs)))
    env.reset(0)
    with pytest.raises(DiagnosticError) as caught:
        env.step(np.zeros(1, np.int64))
    assert code(caught) == "RLG604"
    assert said in caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("space", "obs", "said"),
    [
        (spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Discrete(3)), {"b": 1}, "has no part `a`"),
        (
            spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Discrete(3)),
            {"a": np.zeros(3, np.float32), "b": 1},
            "the observation's part `a` has shape (3,), and the space declares (2,)",
        ),
        (spaces.Tuple([spaces.Discrete(2)] * 2), (1,), "the space declares a Tuple of 2"),
    ],
)
def test_observations_of_parts(space, obs, said):
    class Parts(Tiny):
        observation_space = space

        def observe(self):
            return obs

    with pytest.raises(DiagnosticError) as caught:
        Environments(Parts()).reset()
    assert code(caught) == "RLG604"
    assert said in caught.value.diagnostics[0].message


def test_a_vector_environment_that_gives_another_shape():
    class Own(VectorEnv):
        num_envs = 2
        metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012
        single_observation_space = spaces.Box(-1, 1, (3,))
        observation_space = spaces.Box(-1, 1, (2, 3))
        single_action_space, action_space = spaces.Discrete(2), spaces.MultiDiscrete([2, 2])

        def reset(self, *, seed=None, options=None):
            return np.zeros((2, self.width)), {}

        def step(self, action):
            none = np.zeros(2, bool)
            return np.zeros((2, 5)), np.zeros(2), none, none, {}

    env = Environments(Own())
    Own.width = 4
    with pytest.raises(DiagnosticError, match=r"has shape \(2, 4\), and the space declares \(2, 3\)"):
        env.reset()
    Own.width = 3
    env.reset()
    with pytest.raises(DiagnosticError, match=r"has shape \(2, 5\), and the space declares \(2, 3\)"):
        env.step(np.zeros(2, np.int64))


def failing():
    return Failing(raising(ConnectionResetError(104, "Connection reset by peer")))


def test_copies_in_processes_of_their_own_close_after_one_failed():
    env = Environments(AsyncVectorEnv([Tiny, failing], autoreset_mode=AutoresetMode.SAME_STEP))
    env.reset(0)
    with pytest.raises(DiagnosticError, match="Connection reset by peer") as caught:
        env.step(np.zeros(2, np.int64))
    assert code(caught) == "RLG604"
    assert "async_vector_env" not in caught.value.diagnostics[0].message
    env.close()


def dying():
    return Failing(lambda _: os._exit(3))


def test_a_process_that_is_killed():
    env = Environments(AsyncVectorEnv([Tiny, dying], autoreset_mode=AutoresetMode.SAME_STEP))
    env.reset(0)
    with pytest.raises(DiagnosticError, match="the process of a copy has ended") as caught:
        env.step(np.zeros(2, np.int64))
    assert code(caught) == "RLG604"
    env.close()
    assert env.vector.closed
    env.vector.processes[0].join(10)
    assert not env.vector.processes[0].is_alive()


def test_rewards_that_are_not_one_for_each():
    class Paid(Tiny):
        def step(self, action):
            obs, _, *rest = super().step(action)
            return obs, np.ones(2), *rest

    env = Environments(AsyncVectorEnv([Paid, Paid], autoreset_mode=AutoresetMode.SAME_STEP))
    env.reset(0)
    try:
        with pytest.raises(DiagnosticError, match=r"the rewards have shape \(2, 2\)"):
            env.step(np.zeros(2, np.int64))
    finally:
        env.close()


def test_a_run_keeps_what_it_had_learned_and_says_how_to_go_on(tmp_path):
    """60 episodes take 150 steps; the last whole update before is that of step 144."""
    run = tmp_path / "run"
    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, run, env=Failing(raising(TimeoutError("no answer")), 60), settings=ONE, steps=1000)
    assert code(caught) == "RLG604"
    hint = caught.value.diagnostics[0].hint
    assert "checkpoint 144" in hint
    assert f"rl2graph train --resume --run {run}" in hint
    assert (run / "last").read_text() == "144\n"
    assert train(run=run, resume=True, env=Tiny(), steps=176, quiet=True).steps == 176


def test_before_the_first_update_nothing_is_left(tmp_path):
    with pytest.raises(DiagnosticError) as caught:
        start(SPEC, tmp_path / "run", env=Failing(raising(ZeroDivisionError())), settings=ONE)
    assert code(caught) == "RLG604"
    assert "resume" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_what_we_did_not_foresee_saves_the_state_too(tmp_path, monkeypatch):
    run = tmp_path / "run"
    updates = []

    def breaking(agent, progress=0.0, update=PPO.update):
        updates.append(progress)
        if len(updates) == 4:
            raise RuntimeError("out of memory")
        return update(agent, progress)

    monkeypatch.setattr(PPO, "update", breaking)
    with pytest.raises(RuntimeError, match="out of memory") as caught:
        start(SPEC, run)
    assert (run / "last").read_text() == "96\n"
    assert f"rl2graph train --resume --run {run}" in caught.value.__notes__[0]


def test_a_resumed_run_that_fails_at_once_is_kept(tmp_path):
    run = tmp_path / "run"
    start(SPEC, run, env=Tiny(), settings=ONE, steps=32)
    with pytest.raises(DiagnosticError) as caught:
        train(run=run, resume=True, env=Failing(raising(KeyError("pose"))), steps=64, quiet=True)
    assert "checkpoint 32" in str(caught.value)
    assert train(run=run, resume=True, env=Tiny(), steps=64, quiet=True).steps == 64


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), ConnectionResetError(104, "reset")])
def test_the_command_does_not_take_an_environments_error_for_its_own_stdout(tmp_path, capsys, error):
    gymnasium.register("Failing-v0", lambda: Failing(raising(error), 60))
    spec = tmp_path / "net.rl2"
    spec.write_text(SPEC)
    settings = [part for setting in [*SMALL, *ONE, "num_envs=1"] for part in ("--set", setting)]
    try:
        run = str(tmp_path / "run")
        command = ["train", str(spec), "--env", "Failing-v0", "--steps", "400", "--run", run, "--quiet"]
        assert main([*command, *settings, "--set", "eval_episodes=0"]) == 1
    finally:
        del gymnasium.registry["Failing-v0"]
    shown = capsys.readouterr().err
    assert (
        f"error[RLG604]: the environment `Failing-v0` broke off: `step` raised {type(error).__name__}"
        in shown
    )
    assert "Traceback" not in shown
    assert "checkpoint 144" in shown


def test_an_os_error_of_the_command_is_not_hidden(monkeypatch):
    def run(_):
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr("rl2graph.cli.ops_command.run", run)
    with pytest.raises(ConnectionResetError):
        main(["ops"])


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("Acrobot-v1", "observations are f32[6], and the model was made for f32[4]"),
        ("MountainCarContinuous-v0", "observations are f32[2]"),
    ],
)
def test_a_worker_in_other_spaces_is_refused_before_its_first_step(env, said):
    agent = PPO(rl2graph.compile(SPEC, env="CartPole-v1"), PPOConfig(n_steps=4, minibatch_size=2))
    with pytest.raises(DiagnosticError) as caught:
        MaxStepWorker(env, agent, max_steps=8)
    assert code(caught) == "RLG607"
    assert said in str(caught.value)
    assert MaxStepWorker("CartPole-v1", agent, max_steps=8).run().steps == 8


def test_other_actions_are_refused_and_other_bounds_are_not():
    def boxes(low, high, count):
        return tiny_vector("SameStep", action_space=spaces.Box(low, high, (count,)))

    made_for = boxes(-1, 1, 2)
    spaces_given = {
        "observation_space": made_for.single_observation_space,
        "action_space": made_for.single_action_space,
    }
    agent = PPO(rl2graph.compile(SPEC, **spaces_given), PPOConfig(n_steps=4, minibatch_size=2))
    with pytest.raises(DiagnosticError, match="actions are"):
        MaxStepWorker(boxes(-1, 1, 1), agent, max_steps=8)
    assert MaxStepWorker(boxes(-5, 2, 2), agent, max_steps=8).run().steps == 8


def test_an_eval_env_of_other_spaces_given_by_its_id(tmp_path):
    with pytest.raises(DiagnosticError, match="`eval_env` has the spaces") as caught:
        start(SPEC, tmp_path / "run", eval_env="Acrobot-v1")
    assert code(caught) == "RLG607"
    assert not list(tmp_path.iterdir())


def test_an_id_or_a_class_where_an_environment_belongs_is_told_what_to_do():
    with pytest.raises(DiagnosticError, match=r'registry.make\("CartPole-v1", 8\)'):
        Environments("CartPole-v1")
    with pytest.raises(DiagnosticError, match="give an instance"):
        Environments(Tiny)
