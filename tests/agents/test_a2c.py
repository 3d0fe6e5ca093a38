import numpy as np
import pytest
import torch

import rl2graph
from rl2graph.agents import A2C, A2CConfig
from rl2graph.agents.rmsprop import RMSprop
from rl2graph.contracts import choose_algorithm
from tests.agents.collecting import Loop, agent_for, walks

SPEC = "e = mlp(obs, hidden=[8]); pi = head(e); v = head(e)"
LONG = A2CConfig(n_steps=6, max_grad_norm=float("inf"))


def test_one_step_of_the_optimiser_is_the_papers():
    """A = R - V with returns to the rollout's end, cut at episodes; `-log pi A + (R - V)^2 / 2 - b H`,
    RMSprop's first step; all from the definitions, by autograd over the model itself.
    """
    env = walks(num_envs=2)
    agent = agent_for(A2C, SPEC, env, LONG)
    model = agent.model
    loop = Loop(agent, env)
    loop.collect()
    last = torch.as_tensor(agent.network.value(agent.collector.next_obs))
    advantages = []
    with torch.no_grad():
        for t in reversed(range(6)):
            step = loop.steps[t]
            if step.final_obs is not None:
                cut = model(torch.as_tensor(step.final_obs))["v"]
                last = torch.where(torch.as_tensor(step.truncated), cut, last)
            last = torch.where(torch.as_tensor(step.terminated), 0.0, last)
            last = torch.as_tensor(step.reward) + 0.99 * last
            advantages.insert(0, last)
    returns = torch.stack(advantages).flatten()
    obs = torch.as_tensor(np.concatenate(loop.seen))
    action = torch.as_tensor(np.concatenate([output.action for output in loop.outputs]))
    out = model(obs)
    chosen = torch.distributions.Categorical(logits=out["pi"])
    loss = (
        -(chosen.log_prob(action) * (returns - out["v"]).detach()).mean()
        + 0.5 * (returns - out["v"]).square().mean()
        - 0.01 * chosen.entropy().mean()
    )
    grads = torch.autograd.grad(loss, list(model.parameters()))
    expected = [
        p.detach() - 7e-4 * g / torch.sqrt(0.99 + 0.01 * g * g + 1e-5)
        for p, g in zip(model.parameters(), grads, strict=True)
    ]
    stats = agent.update()
    assert stats["loss"] == pytest.approx(loss.item(), rel=1e-5)
    for found, wanted in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(found.detach(), wanted, rtol=1e-5, atol=1e-7)


def test_defaults_are_the_papers_and_the_optimiser_is_a_setting():
    env = walks()
    agent = agent_for(A2C, SPEC, env)
    assert isinstance(agent.optimiser, RMSprop)
    assert not isinstance(agent_for(A2C, SPEC, env, A2CConfig(optimiser="adam")).optimiser, RMSprop)
    assert (agent.config.n_steps, agent.config.gae_lambda) == (5, 1.0)


def test_the_rate_is_annealed_over_the_run():
    env = walks()
    agent = agent_for(A2C, SPEC, env, LONG)
    loop = Loop(agent, env)
    assert loop.collect().update(progress=0.75)["learning_rate"] == pytest.approx(0.25 * 7e-4)


def test_roles_alone_choose_ppo_and_the_name_a2c():
    assert choose_algorithm(["pi", "v"]) == "ppo"
    assert A2C(rl2graph.compile(SPEC, env="CartPole-v1", algo="A2C")).contract.algorithm == "a2c"


def test_the_compiled_driver_takes_the_same_step():
    weights = []
    for driver in ("eager", "compiled"):
        env = walks()
        agent = agent_for(A2C, SPEC, env, A2CConfig(n_steps=6))
        if driver == "compiled":
            from rl2graph.agents.drivers import CompiledDriver

            agent.driver = CompiledDriver(
                agent.network.entries, agent.loss, agent.optimiser, max_grad_norm=0.5, backend="aot_eager"
            )
        loop = Loop(agent, env)
        for _ in range(3):
            loop.collect().update()
        weights.append(torch.cat([p.detach().flatten() for p in agent.model.parameters()]))
    torch.testing.assert_close(*weights, rtol=0, atol=1e-6)
