"""PPG: the auxiliary phase."""

import numpy as np
import pytest
import torch

from rl2graph.agents import PPO, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from tests.agents.collecting import Loop, agent_for, walks

SPEC = """
input returns: f32[]
e = mlp(obs, hidden=[16]); pi = head(e); aux = value(e)
v = obs |> mlp(hidden=[16]) |> head
loss distillation = 0.5 * mse(aux, returns)
output pi, v
"""
CONFIG = PPOConfig(n_steps=12, minibatch_size=18, epochs=1, auxiliary_interval=2, auxiliary_epochs=3)
RECURRENT = SPEC.replace("mlp(obs, hidden=[16])", "lstm(obs, 8)")


def test_the_phase_runs_every_so_many_updates_and_alone_learns_the_losses():
    env = walks()
    agent = agent_for(PPO, SPEC, env, CONFIG)
    loop = Loop(agent, env)
    aux = agent.model.aux.weight.clone()
    first = loop.collect().update()
    assert not any(name.startswith(("phase/", "loss/")) for name in first)
    assert torch.equal(agent.model.aux.weight, aux)
    second = loop.collect().update()
    assert {"phase/loss/distillation", "phase/cloning_loss", "phase/value_loss"} <= second.keys()
    assert not torch.equal(agent.model.aux.weight, aux)
    assert not any(name.startswith("phase/") for name in loop.collect().update())


def after_a_phase(cloning):
    """How far a phase moved the policy, and its auxiliary loss before and after."""
    env = walks()
    config = PPOConfig(
        n_steps=12,
        minibatch_size=36,
        epochs=1,
        learning_rate=1e-2,
        auxiliary_interval=1,
        auxiliary_epochs=30,
        cloning_coefficient=cloning,
    )
    # A policy far from uniform is one that the encoder's changes would move.
    agent = agent_for(PPO, SPEC.replace("pi =", "@init(orthogonal, 2.0) pi ="), env, config)
    loop = Loop(agent, env)
    loop.collect()
    agent.anneal(0.0)
    rollout = agent.collected()
    before = agent.policy_params(rollout)
    agent._phase.after(rollout)
    after = agent.policy_params(rollout)
    return float(agent.distribution.kl(torch.tensor(before), torch.tensor(after)).mean())


def test_the_penalty_holds_the_policy():
    held, free = after_a_phase(100.0), after_a_phase(0.0)
    assert held < free / 10


def test_the_objective_is_the_papers():
    """On the first batch of a phase the policy is what it was: L_joint = L_aux + c1 * L_value."""
    env = walks()
    agent = agent_for(
        PPO, SPEC, env, PPOConfig(n_steps=12, minibatch_size=36, epochs=1, auxiliary_interval=1)
    )
    Loop(agent, env).collect()
    rollout = agent.collected()
    policy = agent.policy_params(rollout)
    rollout.samples["old_params"] = policy
    (batch,) = rollout.minibatches(np.random.default_rng(0))
    with torch.no_grad():
        total, stats = agent._phase._loss(agent.network.entries, batch, {})
        out = agent.model.entry(["pi", "v", "distillation"])(batch["inputs"]["obs"], returns=batch["return"])
    value = 0.5 * (out["v"] - batch["return"]).square().mean()
    assert float(stats["cloning_loss"]) == pytest.approx(0.0, abs=1e-6)
    assert float(total) == pytest.approx(float(out["distillation"].mean() + 0.5 * value), rel=1e-5)


@pytest.mark.parametrize("spec", [SPEC, RECURRENT])
def test_what_waits_for_the_phase_is_saved(spec):
    results = []
    for saved in (False, True):
        env = walks()
        agent = agent_for(PPO, spec, env, CONFIG)
        loop = Loop(agent, env)
        loop.collect().update()
        if saved:
            other = agent_for(PPO, spec, env, CONFIG)
            other.model.load_state_dict(agent.model.state_dict())
            other.load_optimiser(agent.optimiser_tensors())
            other.load_memory({key: np.copy(leaf) for key, leaf in agent.memory_arrays().items()})
            other.load_counters(agent.counters())
            other.collector.memory = agent.collector.memory
            other.collector.next_obs = agent.collector.next_obs
            loop.agent = other
        loop.collect().update()
        results.append(torch.cat([p.flatten() for p in loop.agent.model.state_dict().values()]))
    assert torch.equal(*results)


def test_a_phase_without_losses_is_refused():
    env = walks()
    with pytest.raises(DiagnosticError) as caught:
        agent_for(PPO, "e = mlp(obs); pi = head(e); v = head(e)", env, CONFIG)
    assert caught.value.diagnostics[0].code == "RLG607"
