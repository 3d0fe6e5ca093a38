"""How often the network is evaluated, counted at torch's dispatcher."""

import numpy as np
import pytest

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from tests.agents.collecting import Loop, agent_for, walks
from tests.backend.test_sharing import Count

# Three products in the encoder, which is written twice, and one in each head and loss.
SHARED = """
encoder f(x) = mlp(x, hidden=[8, 8, 8])
pi = head(f(obs)); v = head(f(obs))
guess = dense(f(obs), 3)
loss rebuilt = mse(guess, obs)
"""
# The value's own layer stands on the encoder, detached.
PARTLY = """
e = mlp(obs, hidden=[8, 8, 8])
pi = head(e); v = head(mlp(detach(e), hidden=[8]))
guess = dense(e, 3)
loss rebuilt = mse(guess, obs)
"""


@pytest.mark.parametrize(
    ("spec", "acting", "forward", "backward"),
    [
        # Backwards, each layer has a product for its weight and one for its operand, the first but one.
        (SHARED, 3 + 2, 3 + 3, 2 * 6 - 1),
        # Of the value's layers the first has none for its operand, which is detached.
        (PARTLY, 3 + 3, 3 + 4, 2 * 7 - 2),
    ],
    ids=["shared", "partly detached"],
)
@pytest.mark.parametrize(
    ("algorithm", "config"),
    [(PPO, PPOConfig(n_steps=12, minibatch_size=36, epochs=1)), (A2C, A2CConfig(n_steps=12))],
)
def test_a_shared_encoder_is_evaluated_once(algorithm, config, spec, acting, forward, backward):
    env = walks()
    agent = agent_for(algorithm, spec, env, config)
    with Count() as count:
        agent.act(env.reset(0))
    assert count.products == acting
    loop = Loop(agent, env)
    loop.collect()
    (batch,) = agent.collected().minibatches(np.random.default_rng(0))
    with Count() as count:
        agent.learn({**batch, "clip_range": 0.2 * batch["advantage"].new_ones(())})
    assert count.products == forward + backward


def test_a_truncated_episode_costs_one_pass_of_the_value_alone():
    env = walks()
    agent = agent_for(PPO, SHARED, env, PPOConfig(n_steps=12, minibatch_size=36))
    rows = []
    agent.network.entries["value"].register_forward_hook(lambda _, args, __: rows.append(len(args[0])))
    loop = Loop(agent, env)
    loop.collect()
    assert sum(rows) == sum(step.truncated.sum() for step in loop.steps)


def test_split_networks_are_both_evaluated_and_both_trained():
    env = walks()
    spec = "pi = obs |> mlp(hidden=[8]) |> head; v = obs |> mlp(hidden=[8]) |> head"
    agent = agent_for(PPO, spec, env, PPOConfig(n_steps=12, minibatch_size=36, epochs=1))
    with Count() as count:
        agent.act(env.reset(0))
    assert count.products == 4
    before = {key: value.clone() for key, value in agent.model.state_dict().items()}
    Loop(agent, env).collect().update()
    assert all(not before[key].equal(value) for key, value in agent.model.state_dict().items())
