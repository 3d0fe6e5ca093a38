"""The objectives of PPO, A2C and PPG's phase from their definitions, every setting on and the policy moved.

Numbers are worked out with torch.distributions and plain arithmetic over the model's own outputs.
"""

import numpy as np
import pytest
import torch

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.agents.drivers import CompiledDriver
from tests.agents.collecting import Loop, agent_for, walks

SPEC = "e = mlp(obs, hidden=[8]); @init(orthogonal, 1.0) pi = head(e); v = head(e)"
PHASED = f"""
input returns: f32
{SPEC}
aux = value(e)
loss distillation = 0.5 * square(aux - returns)
output pi, v, aux
"""
ALL = {
    "n_steps": 12,
    "minibatch_size": 36,
    "epochs": 1,
    "clip_range": 0.1,
    "anneal_clip_range": True,
    "value_clip_range": 0.05,
    "value_coefficient": 0.7,
    "entropy_coefficient": 0.3,
}


def moved(agent, amount=0.3):
    """The agent, its weights no longer those that it acted with."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in agent.model.parameters():
            parameter.add_(amount * torch.randn(parameter.shape, generator=generator))
    return agent


def whole(agent):
    """The rollout in one batch, in the order of the rollout's rows."""
    (batch,) = agent.collected().minibatches(np.random.default_rng(0))
    return batch


def read(agent, batch):
    """What the model says of a batch: distribution and values."""
    out = agent.model(batch["inputs"]["obs"])
    return torch.distributions.Categorical(logits=out["pi"]), out["v"]


def ppo_loss(agent, batch, clip_range, *, normalise=True, value_clip=0.05):
    pi, v = read(agent, batch)
    ratio = torch.exp(pi.log_prob(batch["action"]) - batch["log_prob"])
    assert ((ratio - 1).abs() > clip_range).any(), "nothing is clipped"
    assert ((ratio - 1).abs() < clip_range).any(), "everything is clipped"
    advantage = batch["advantage"]
    if normalise:
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    policy = -torch.minimum(ratio * advantage, ratio.clamp(1 - clip_range, 1 + clip_range) * advantage).mean()
    error = (v - batch["return"]) ** 2
    if value_clip is not None:
        near = batch["value"] + (v - batch["value"]).clamp(-value_clip, value_clip)
        error = torch.maximum(error, (near - batch["return"]) ** 2)
    return policy + 0.7 * 0.5 * error.mean() - 0.3 * pi.entropy().mean()


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("value_clip", [None, 0.05])
def test_ppos_objective_and_its_gradient(normalise, value_clip):
    """Equations 7 and 9, at half of the run, by which the clip range of 0.1 is 0.05."""
    env = walks()
    config = PPOConfig(**{**ALL, "value_clip_range": value_clip, "normalise_advantages": normalise})
    agent = agent_for(PPO, SPEC, env, config)
    Loop(agent, env).collect()
    moved(agent)
    batch = whole(agent)
    expected = ppo_loss(agent, batch, 0.05, normalise=normalise, value_clip=value_clip)
    wanted = torch.autograd.grad(expected, list(agent.model.parameters()))
    total, _ = agent.loss(agent.network.entries, {**batch, "clip_range": torch.tensor(0.05)}, {})
    found = torch.autograd.grad(total, list(agent.model.parameters()))
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    stats = agent.update(progress=0.5)
    assert stats["clip_range"] == pytest.approx(0.05)
    assert stats["loss"] == pytest.approx(expected.item(), rel=1e-5)


def test_without_annealing_the_clip_range_stays():
    env = walks()
    agent = agent_for(PPO, SPEC, env, PPOConfig(**{**ALL, "anneal_clip_range": False}))
    Loop(agent, env).collect()
    moved(agent)
    expected = ppo_loss(agent, whole(agent), 0.1)
    assert agent.update(progress=0.5)["loss"] == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("normalise", [True, False])
def test_a2cs_objective(normalise):
    env = walks()
    config = A2CConfig(
        n_steps=12, normalise_advantages=normalise, value_coefficient=0.7, entropy_coefficient=0.3
    )
    agent = agent_for(A2C, SPEC, env, config)
    Loop(agent, env).collect()
    moved(agent)
    batch = whole(agent)
    pi, v = read(agent, batch)
    advantage = batch["advantage"]
    if normalise:
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    policy = -(pi.log_prob(batch["action"]) * advantage).mean()
    expected = policy + 0.35 * ((v - batch["return"]) ** 2).mean() - 0.3 * pi.entropy().mean()
    assert agent.update()["loss"] == pytest.approx(expected.item(), rel=1e-5)


def phase(**settings):
    env = walks()
    config = PPOConfig(**{**ALL, "auxiliary_interval": 1, "auxiliary_epochs": 1, **settings})
    agent = agent_for(PPO, PHASED, env, config)
    Loop(agent, env).collect()
    return agent


def test_the_phases_objective():
    """KL(before || now), that way round; values are not clipped around what they were at collection."""
    agent = phase(cloning_coefficient=2.0)
    batch = whole(agent)
    old = torch.randn(len(batch["action"]), 2, generator=torch.Generator().manual_seed(1))
    moved(agent)
    pi, v = read(agent, batch)
    aux = agent.model(batch["inputs"]["obs"])["aux"]
    cloning = torch.distributions.kl_divergence(torch.distributions.Categorical(logits=old), pi).mean()
    other_way = torch.distributions.kl_divergence(pi, torch.distributions.Categorical(logits=old)).mean()
    assert abs(cloning.item() - other_way.item()) > 1e-3
    expected = (
        2.0 * cloning
        + 0.35 * ((v - batch["return"]) ** 2).mean()
        + 0.5 * ((aux - batch["return"]) ** 2).mean()
    )
    total, _ = agent._phase._loss(agent.network.entries, {**batch, "old_params": old}, {})
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)


def test_what_the_phase_alone_trains_rests_between_phases():
    env = walks()
    agent = agent_for(PPO, PHASED, env, PPOConfig(**{**ALL, "auxiliary_interval": 2}))
    loop = Loop(agent, env)
    heads = []
    for _ in range(4):
        loop.collect().update()
        heads.append(agent.model.aux.weight.clone())
    assert not torch.equal(heads[0], heads[1])
    assert torch.equal(heads[1], heads[2])
    assert not torch.equal(heads[2], heads[3])
    assert any(name.startswith("phase.") for name in agent.optimiser_tensors())


def test_a_run_of_the_phase_says_what_is_descended_when():
    agent = phase()
    update, auxiliary = agent.training_plan()
    assert update["losses"] == ["policy", "value", "entropy"]
    assert "aux" not in update["owners"]
    assert auxiliary["losses"] == ["spec", "value", "cloning"]
    assert auxiliary["owners"]["aux"] == ["spec"]
    assert auxiliary["when"] == "in each auxiliary phase"
    plain = agent_for(PPO, SPEC, walks(), PPOConfig())
    assert plain.training_plan()[0]["losses"] == ["policy", "value"]  # no entropy: its coefficient is 0


@pytest.mark.parametrize("spec", [SPEC, PHASED], ids=["ppo", "ppg"])
def test_the_compiled_drivers_take_the_same_steps(spec):
    weights = []
    for compiled in (False, True):
        env = walks()
        interval = 1 if spec is PHASED else None
        agent = agent_for(
            PPO, spec, env, PPOConfig(**{**ALL, "minibatch_size": 18, "auxiliary_interval": interval})
        )
        if compiled:

            def made(loss, optimiser, agent=agent):
                return CompiledDriver(
                    agent.network.entries, loss, optimiser, max_grad_norm=0.5, backend="aot_eager"
                )

            agent.driver = made(agent.loss, agent.optimiser)
            if interval:
                agent._phase._driver = made(agent._phase._loss, agent._phase._driver._optimiser)
        loop = Loop(agent, env)
        for _ in range(2):
            loop.collect().update()
        weights.append(torch.cat([p.detach().flatten() for p in agent.model.parameters()]))
    torch.testing.assert_close(*weights, rtol=0, atol=1e-6)
