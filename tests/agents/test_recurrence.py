"""Recurrent agents: a sequence of the update says what the steps of acting said."""

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from tests.agents.collecting import Loop, agent_for, walks

SPEC = """
h = obs |> dense(8) |> tanh |> lstm(8)
pi = head(h)
v = obs |> gru(6) |> head
"""
CONFIG = PPOConfig(n_steps=12, minibatch_size=12, epochs=1)


def evaluated(agent, batch):
    with torch.no_grad():
        return agent.evaluate(agent.network.entries, batch, {})


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("length", [None, 4])
def test_sequences_repeat_what_was_said_while_acting(mode, length):
    """With the weights as they were, log-probabilities and values come out the same, across resets, rollouts
    and steps that only reset.
    """
    config = PPOConfig(n_steps=12, minibatch_size=12, sequence_length=length)
    agent = agent_for(PPO, SPEC, walks(mode=mode), config)
    loop = Loop(agent, walks(mode=mode))
    for _ in range(2):
        loop.collect()
        rollout = agent.collected()
        samples = 0
        for batch in rollout.minibatches(np.random.default_rng(0), 12):
            out = evaluated(agent, batch)
            torch.testing.assert_close(out.log_prob, batch["log_prob"], atol=1e-6, rtol=1e-5)
            torch.testing.assert_close(out.value, batch["value"], atol=1e-6, rtol=1e-5)
            samples += len(out.value)
        assert samples == rollout.valid.sum()
        assert rollout.resets.any()
        agent.collector.clear()


def test_state_matters_and_is_zero_after_a_reset():
    env = walks()
    agent = agent_for(PPO, SPEC, env, CONFIG)
    obs = env.reset(0)
    fresh = agent.act(obs, greedy=True)
    assert set(fresh.state) == set(agent.model.state_schema)
    later = agent.act(obs, state=fresh.state, greedy=True)
    assert not np.allclose(fresh.value, later.value)
    again = agent.act(obs, state=fresh.state, resets=np.array([True, False, True]), greedy=True)
    np.testing.assert_allclose(again.value[[0, 2]], fresh.value[[0, 2]], rtol=1e-6)
    np.testing.assert_allclose(again.value[1], later.value[1], rtol=1e-6)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_every_episode_begins_without_memory(mode):
    """Whether the one before it terminated or was cut short: as if nothing had been seen before."""
    env = walks(mode=mode)
    agent = agent_for(PPO, SPEC, env, PPOConfig(n_steps=24, minibatch_size=12))
    loop = Loop(agent, env)
    loop.collect()
    ends, begun = set(), 0
    for t in range(1, 24):
        step = loop.steps[t - 1]
        ends |= {("terminated", step.terminated.any()), ("truncated", step.truncated.any())}
        over = step.terminated | step.truncated
        begins = ~step.valid if mode is AutoresetMode.NEXT_STEP else over
        fresh = agent.act(loop.seen[t], greedy=True).value
        np.testing.assert_allclose(loop.outputs[t].value[begins], fresh[begins], rtol=1e-5)
        goes_on = ~begins & ~over
        assert not np.isclose(loop.outputs[t].value[goes_on], fresh[goes_on], rtol=1e-6).any()
        begun += begins.sum()
    assert begun
    assert {("terminated", True), ("truncated", True)} <= ends


def test_a_final_observation_is_valued_in_its_own_state_and_advances_nothing():
    env = walks(mode=AutoresetMode.SAME_STEP)
    agent = agent_for(PPO, SPEC, env, CONFIG)
    loop = Loop(agent, env)
    loop.collect()
    memory = agent.collector.memory
    assert memory.truncated.any()
    for t, slot in zip(*np.nonzero(memory.truncated), strict=True):
        state = loop.outputs[t].state
        after = agent.act(loop.steps[t].final_obs, state=state, greedy=True)
        assert memory.final_value[t, slot] == pytest.approx(after.value[slot], rel=1e-5)


def test_the_last_observation_is_valued_in_the_state_that_follows():
    env = walks()
    agent = agent_for(PPO, SPEC, env, CONFIG)
    loop = Loop(agent, env)
    loop.collect()
    expected = agent.act(loop.obs, state=loop.state, resets=loop.resets, greedy=True).value
    found = agent.network.value(agent.collector.next_obs, *agent.collector.memory.following)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("algorithm", "config"),
    [(PPO, CONFIG), (A2C, A2CConfig(n_steps=6)), (A2C, A2CConfig(n_steps=6, sequence_length=3))],
)
def test_updates_train_every_owner(algorithm, config):
    env = walks()
    agent = agent_for(algorithm, SPEC, env, config)
    before = {key: value.clone() for key, value in agent.model.state_dict().items()}
    assert np.isfinite(Loop(agent, env).collect().update()["loss"])
    changed = {key for key, value in agent.model.state_dict().items() if not torch.equal(value, before[key])}
    assert changed == set(before)


def test_the_first_minibatch_of_an_update_has_ratios_of_one():
    env = walks(mode=AutoresetMode.NEXT_STEP)
    agent = agent_for(PPO, SPEC, env, PPOConfig(n_steps=12, minibatch_size=36, epochs=1))
    assert Loop(agent, env).collect().update()["approx_kl"] == pytest.approx(0.0, abs=1e-6)


def test_statistics_of_collected_steps_beside_recurrence():
    """Log-probabilities are taken anew over the whole rollout, in the state before it."""
    env = walks()
    spec = "h = running_norm(obs) |> lstm(8); pi = head(h); v = head(h)"
    agent = agent_for(PPO, spec, env, PPOConfig(n_steps=12, minibatch_size=36, epochs=1))
    loop = Loop(agent, env)
    for _ in range(2):
        assert loop.collect().update()["approx_kl"] == pytest.approx(0.0, abs=1e-6)


def test_what_does_not_go_with_recurrence_is_refused():
    env = walks()
    for config, words in (
        (PPOConfig(driver="compiled"), "recurrent"),
        (PPOConfig(n_steps=10, sequence_length=4), "does not divide"),
    ):
        with pytest.raises(DiagnosticError, match=words) as caught:
            agent_for(PPO, SPEC, env, config)
        assert caught.value.diagnostics[0].code == "RLG607"
    with pytest.raises(DiagnosticError, match="nothing in the model is recurrent"):
        agent_for(PPO, "e = mlp(obs); pi = head(e); v = head(e)", env, PPOConfig(sequence_length=4))
