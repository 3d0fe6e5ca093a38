"""`loss` statements of a spec: added to the objective, given what they read, trained where they reach."""

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

import rl2graph
from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from tests.agents.collecting import Loop, agent_for, walks

HEADS = "e = mlp(obs, hidden=[8]); pi = head(e); v = head(e)"
WHOLE = PPOConfig(n_steps=12, minibatch_size=36, epochs=1)

# Each loss gives back what it read: one number per sample.
READING = f"""
{HEADS}
input returns: f32[]
loss follows = sum(next_obs) * 1.0 + 0.0 * sum(e)
loss acted = sum(act * parameter([2], "constant", 1.0))
loss paid = reward * 1.0 + 0.0 * sum(e)
loss over = done * 1.0 + 0.0 * sum(e)
loss returned = returns * 1.0 + 0.0 * sum(e)
"""


def test_losses_are_given_what_they_read():
    env = walks()
    agent = agent_for(PPO, READING, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    rollout = agent.collected()
    (batch,) = rollout.minibatches(np.random.default_rng(0))
    with torch.no_grad():
        found = agent.evaluate(agent.network.entries, batch, {}).losses
    successors = []
    for step in loop.steps:
        ended = step.terminated | step.truncated
        final = step.obs if step.final_obs is None else step.final_obs
        successors.append(np.where(ended[:, None], final, step.obs))
    assert float(found["follows"]) == pytest.approx(np.stack(successors).sum(-1).mean(), rel=1e-5)
    assert float(found["acted"]) == pytest.approx(1.0)  # one-hot
    assert float(found["paid"]) == pytest.approx(np.mean([s.reward for s in loop.steps]), rel=1e-5)
    assert float(found["over"]) == pytest.approx(np.mean([s.terminated for s in loop.steps]), rel=1e-5)
    assert float(found["returned"]) == pytest.approx(rollout.samples["return"].mean(), rel=1e-5)


@pytest.mark.parametrize(("algorithm", "config"), [(PPO, WHOLE), (A2C, A2CConfig(n_steps=12))])
def test_a_loss_is_added_to_the_objective_and_trains_what_it_reaches(algorithm, config):
    env = walks()
    spec = f"{HEADS}; guess = dense(e, 3); loss rebuilt = 0.5 * mse(guess, obs)"
    agent = agent_for(algorithm, spec, env, config)
    plain = agent_for(algorithm, HEADS, walks(), config)
    stats = Loop(agent, env).collect().update()
    bare = Loop(plain, walks()).collect().update()
    assert stats["loss"] == pytest.approx(bare["loss"] + stats["loss/rebuilt"], rel=1e-5)
    initial = rl2graph.compile(
        spec, observation_space=env.observation_space, action_space=env.action_space
    ).state_dict()
    now = agent.model.state_dict()
    assert not torch.equal(now["guess.weight"], initial["guess.weight"])
    # The encoder is under both: it goes elsewhere than without the loss.
    assert not torch.equal(now["e.dense.weight"], plain.model.state_dict()["e.dense.weight"])


def test_a_loss_with_noise_draws_it_anew_for_each_minibatch_from_the_runs_seed():
    spec = f"{HEADS}; guess = dense(dropout(e, 0.5), 3); loss rebuilt = mse(guess, obs)"

    def weights(seed):
        env = walks()
        agent = agent_for(PPO, spec, env, PPOConfig(n_steps=12, minibatch_size=12, epochs=1), seed=seed)
        drawn = []
        step = agent.driver.step
        agent.driver.step = lambda batch, noise: drawn.append(noise) or step(batch, noise)
        Loop(agent, env).collect().update()
        (name,) = drawn[0]
        assert [tuple(noise[name].shape) for noise in drawn] == [(12, 8)] * 3
        assert not torch.equal(drawn[0][name], drawn[1][name])
        return torch.cat([value.flatten() for value in agent.model.state_dict().values()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_noise_of_a_policy_is_drawn_while_sampling_and_not_while_greedy():
    env = walks()
    agent = agent_for(PPO, "e = noisy_dense(obs, 8); pi = head(e); v = head(e)", env, WHOLE)
    obs = env.reset(0)
    greedy = [agent.act(obs, greedy=True).value for _ in range(2)]
    sampled = [agent.act(obs).value for _ in range(2)]
    np.testing.assert_array_equal(*greedy)
    assert not np.allclose(*sampled)
    assert np.isfinite(Loop(agent, env).collect().update()["loss"])


def test_a_loss_may_be_the_only_thing_that_is_recurrent():
    env = walks()
    spec = f"{HEADS}; guess = dense(gru(obs, 4), 3); loss rebuilt = mse(guess, obs)"
    agent = agent_for(PPO, spec, env, WHOLE)
    assert not agent.act(env.reset(0)).state
    assert np.isfinite(Loop(agent, env).collect().update()["loss/rebuilt"])


def test_losses_over_sequences_leave_out_steps_that_only_reset():
    env = walks(mode=AutoresetMode.NEXT_STEP)
    spec = "h = gru(obs, 4); pi = head(h); v = head(h); loss paid = reward * 1.0 + 0.0 * sum(h)"
    agent = agent_for(PPO, spec, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    (batch,) = agent.collected().minibatches(np.random.default_rng(0))
    with torch.no_grad():
        found = agent.evaluate(agent.network.entries, batch, {}).losses
    rewards = np.stack([s.reward for s in loop.steps])
    valid = np.stack([s.valid for s in loop.steps])
    assert not valid.all()
    assert float(found["paid"]) == pytest.approx(rewards[valid].mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"input lives: f32[]; {HEADS}; loss a = mse(lives, sum(e))", "does not give the input `lives`"),
        ("input reward: f32[]; e = mlp(obs); pi = head(e); output pi, v: v = value(e) * reward",
         "acts without the input `reward`"),
    ],
)  # fmt: skip
def test_inputs_that_are_not_given_are_refused(text, words):
    env = walks()
    with pytest.raises(DiagnosticError, match=words):
        agent_for(PPO, text, env)
