"""docs/new_algorithm.md: an algorithm of one's own in 80 lines, run as it stands there."""

import re
import types

import numpy as np
import pytest

import rl2graph
from rl2graph.agents import PPO, register
from rl2graph.agents.algorithms import ALGORITHMS, algorithm_named
from rl2graph.agents.returns import n_step_returns
from rl2graph.contracts import CONTRACTS
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.train import train
from tests.agents.collecting import Loop, agent_for, walks
from tests.support import ROOT

PAGE = (ROOT / "docs" / "new_algorithm.md").read_text()
DEFINED, USED, NSTEP = re.findall(r"```python\n(.*?)```", PAGE, re.S)
SPEC = "e = mlp(obs, hidden=[16]); pi = head(e); v = head(e)"


@pytest.fixture
def algorithm(monkeypatch):
    monkeypatch.setattr("rl2graph.agents.algorithms.ALGORITHMS", dict(ALGORITHMS))
    for name in ("kl_ppo",):
        ALGORITHMS.pop(name, None)
        CONTRACTS.pop(name, None)
    module = types.ModuleType("own_algorithm")
    exec(compile(DEFINED, "docs/new_algorithm.md", "exec"), module.__dict__)
    yield module.PenaltyPPO
    CONTRACTS.pop("kl_ppo", None)


def test_it_takes_eighty_lines():
    assert len(DEFINED.splitlines()) <= 80


def test_it_trains_as_the_page_says_and_goes_on_where_it_was(algorithm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    quickly = USED.replace("steps=40_000", "steps=4_096").replace("final_episodes=20", "final_episodes=2")
    names = {}
    exec(quickly, names)
    result = names["result"]
    assert result.evaluation.return_mean > 0
    resumed = train(run=result.run, resume=True, steps=6_144, quiet=True)
    assert resumed.agent.counters()["updates"] == 6
    counters = resumed.agent.counters()
    assert counters["beta"] == resumed.agent.beta
    resumed.agent.load_counters({**counters, "beta": 4.0})
    assert resumed.agent.beta == 4.0
    assert (result.run / "config.toml").read_text().count("[kl_ppo]") == 1


def test_the_penalty_is_zero_at_first_and_its_weight_follows_the_target(algorithm):
    env = walks()
    agent = agent_for(algorithm, SPEC, env, algorithm.config_type(n_steps=12, minibatch_size=36, epochs=1))
    stats = Loop(agent, env).collect().update()
    assert stats["kl"] == pytest.approx(0.0, abs=1e-6)
    assert agent.beta == 0.5
    assert np.isfinite(stats["loss"])


def test_another_return_is_what_is_learned_and_what_losses_read(algorithm):
    """One step, as the page has it but for its five: `r + gamma V(s')`."""
    names = {"PenaltyPPO": algorithm, "n_step_returns": n_step_returns}
    exec(NSTEP.replace("n=5", "n=1"), names)
    env = walks()
    spec = f"input returns: f32; {SPEC}; guess = value(e); loss same = square(guess - returns); output pi, v"
    config = algorithm.config_type(n_steps=12, minibatch_size=36, epochs=1)
    agent = agent_for(names["NStep"], spec, env, config)
    Loop(agent, env).collect()
    memory, rollout = agent.collector.memory, agent.collected()
    following = memory.next_values(agent.network.value(agent.collector.next_obs))
    wanted = memory.reward + np.where(memory.terminated, 0.0, 0.99 * following)
    np.testing.assert_allclose(rollout.samples["return"], wanted, rtol=1e-5)
    np.testing.assert_allclose(rollout.samples["advantage"], wanted - memory.value, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(rollout.inputs["returns"], rollout.samples["return"])


def test_it_is_known_by_its_contract(algorithm):
    assert algorithm_named("kl_ppo") is algorithm
    assert rl2graph.compile(SPEC, env="CartPole-v1", algo="KL_PPO").outputs
    with pytest.raises(DiagnosticError, match="KL_PPO needs an output `v`"):
        rl2graph.compile("pi = head(mlp(obs))", env="CartPole-v1", algo="kl_ppo")
    with pytest.raises(DiagnosticError) as caught:
        algorithm_named("klppo")
    assert caught.value.diagnostics[0].hint.startswith("did you mean `kl_ppo`?")


def test_names_are_taken_once(algorithm):
    assert register(algorithm) is algorithm
    other = type("Other", (algorithm,), {})
    with pytest.raises(ValueError, match="already"):
        register(other)
    assert register(PPO) is PPO


def test_algorithms_of_ones_own_come_after_those_of_the_house(algorithm):
    """Roles that several have choose the first."""
    from rl2graph.contracts import choose_algorithm

    assert choose_algorithm(["pi", "v"]) == "ppo"
