"""`load_agent`, `evaluate_agent`, and what takes an environment in whatever form."""

import gymnasium
import numpy as np
import pytest

import rl2graph
from rl2graph.agents import PPO, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import (
    Environments,
    MaxStepWorker,
    Normalisation,
    evaluate_agent,
    evaluate_run,
    load_agent,
)
from rl2graph.workers.evaluate import evaluate
from rl2graph.workers.registry import make
from tests.workers.test_train import SPEC, code, start, weights
from tests.workers.tiny import Tiny, tiny_vector


@pytest.mark.parametrize("settings", [[], ["normalise_observations=true", "normalise_rewards=true"]])
def test_a_loaded_agent_plays_as_the_run_was_evaluated(tmp_path, settings):
    run = tmp_path / "run"
    start(SPEC, run, settings=settings)
    for checkpoint in ("last", "64"):
        agent = load_agent(run, checkpoint)
        env = make("CartPole-v1", 3)
        assert evaluate_agent(agent, env, episodes=3) == evaluate_run(run, 3, checkpoint=checkpoint)
    for key, value in weights(run, 64).items():
        assert np.array_equal(agent.model.state_dict()[key], value)


@pytest.mark.parametrize("settings", [[], ["normalise_observations=true"]])
def test_a_loaded_agent_learns_in_a_loop_of_ones_own(tmp_path, settings):
    start(SPEC, tmp_path / "run", settings=settings)
    agent = load_agent(tmp_path / "run")
    before = agent.counters()["updates"]
    envs = make("CartPole-v1", 2)
    obs, state, resets = envs.reset(seed=0), None, None
    for _ in range(16):
        output = agent.act(obs, state=state, resets=resets)
        step = envs.step(output.action)
        agent.remember(obs, output, step)
        obs, state, resets = step.obs, output.state, step.resets
    assert agent.ready
    agent.update()
    assert agent.counters()["updates"] == before + 1


def test_what_was_handed_in_is_handed_in_again(tmp_path):
    start(SPEC, tmp_path / "run", env=Tiny(), settings=["minibatch_size=16"], steps=32)
    with pytest.raises(DiagnosticError, match="handed in") as caught:
        load_agent(tmp_path / "run")
    assert code(caught) == "RLG604"
    agent = load_agent(tmp_path / "run", env=Tiny())
    assert agent.act(np.zeros((1, 3), np.float32), greedy=True).action.shape == (1,)
    with pytest.raises(DiagnosticError) as caught:
        load_agent(tmp_path / "none")
    assert code(caught) == "RLG605"


@pytest.mark.parametrize(
    "given",
    [
        "CartPole-v1",
        lambda: gymnasium.make("CartPole-v1"),
        lambda: gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="sync"),
        lambda: make("CartPole-v1", 2),
    ],
)
def test_every_form_of_an_environment_is_taken(given):
    env = given if isinstance(given, str) else given()
    agent = PPO(rl2graph.compile(SPEC, env="CartPole-v1"), PPOConfig(n_steps=4, minibatch_size=2))
    normalisation = Normalisation(env, rewards=True)
    MaxStepWorker(env, agent, max_steps=8, normalisation=normalisation).run()
    # A reset and four or eight steps: 8 vector steps of one, or 4 of two.
    assert int(normalisation.arrays()["observation.count"]) >= 8
    found = evaluate_agent(agent, env, episodes=2, normalisation=normalisation.frozen())
    assert len(found.returns) == 2


def test_an_agent_is_not_evaluated_in_other_spaces():
    agent = PPO(rl2graph.compile(SPEC, env="CartPole-v1"))
    with pytest.raises(DiagnosticError, match="the model was made for") as caught:
        evaluate_agent(agent, "Acrobot-v1", episodes=1)
    assert code(caught) == "RLG607"


def test_the_module_is_still_there():
    assert evaluate_agent is evaluate
    assert Environments(tiny_vector("SameStep")).num_envs == 2
