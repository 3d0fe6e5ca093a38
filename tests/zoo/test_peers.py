"""Specs against the networks of Stable-Baselines3, with its weights: `make test-extras` installs it.

Some layers of a peer are two for one of ours, or hold their numbers in another order; `taken` says so.
"""

from __future__ import annotations

import os
from importlib import import_module

import gymnasium
import numpy as np
import pytest
import torch

import rl2graph
from rl2graph.model import weights as initial
from rl2graph.zoo import zoo

SPECS = {spec.name: spec for spec in zoo()}
VECTOR = gymnasium.spaces.Box(-np.inf, np.inf, (17,))
TORQUES = gymnasium.spaces.Box(-1, 1, (6,))
CONVOLUTIONS = {0: "conv2d", 2: "conv2d_1", 4: "conv2d_2"}
BATCH, STEPS = 3, 4


def peer(module):
    """A module of a peer; where `make test-extras` runs, it has to be there."""
    return import_module(module) if os.environ.get("TEST_EXTRAS") else pytest.importorskip(module)


def image(channels):
    return gymnasium.spaces.Box(0, 255, (channels, 84, 84), np.uint8)


def build(policy_class, observation, action, **options):
    """A policy whose biases are not zero."""
    torch.manual_seed(0)
    policy = policy_class(observation, action, lambda _: 1e-3, **options)
    with torch.no_grad():
        for name, weight in policy.named_parameters():
            if name.endswith(("bias", "log_std", "bias_ih_l0", "bias_hh_l0")):
                weight.normal_(0, 0.1)
    return policy


def compiled(name, monkeypatch, taken):
    """The spec's model with the weights taken from a peer, all of them and no others."""
    spaces = SPECS[name].interface()
    monkeypatch.setitem(initial._RULES, "orthogonal", lambda generator, _, shape: np.zeros(shape))
    model = rl2graph.compile(
        SPECS[name].path, observation_space=spaces.observation, action_space=spaces.action
    )
    model.load_state_dict({key: value.detach() for key, value in taken.items()})
    return model


def layers(policy, pairs):
    """Weights and biases of the peer's layers under our names."""
    return {
        f"{ours}.{kind}": getattr(policy.get_submodule(theirs), kind)
        for theirs, ours in pairs.items()
        for kind in ("weight", "bias")
    }


def nature(prefix, ours="e"):
    cnn = {f"{prefix}.cnn.{index}": f"{ours}.{layer}" for index, layer in CONVOLUTIONS.items()}
    return cnn | {f"{prefix}.linear.0": f"{ours}.dense"}


def dense(prefix, ours, last=None):
    """Two hidden layers of a peer, and its last one where it is there too."""
    pairs = {f"{prefix}.0": f"{ours}.dense", f"{prefix}.2": f"{ours}.dense_1"}
    return pairs if last is None else pairs | {f"{prefix}.4": last}


def close(ours, theirs):
    """Equal but for rounding in single precision, relative to the largest number."""
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= 1e-6 * max(1, theirs.abs().max())


def same_gradients(model, taken, ours, theirs):
    """The gradients of two numbers by the model's weights, and by the peer's that they were taken from."""
    mine = dict(
        zip(taken, torch.autograd.grad(ours, [model.get_parameter(key) for key in taken]), strict=True)
    )
    for key, gradient in zip(taken, torch.autograd.grad(theirs, list(taken.values())), strict=True):
        close(mine[key], gradient)


def seen(space):
    generator = np.random.default_rng(1)
    shape = (BATCH, *space.shape)
    if space.dtype == np.uint8:
        return torch.from_numpy(generator.integers(0, 256, shape, np.uint8))
    return torch.from_numpy(generator.normal(size=shape).astype(np.float32))


def test_actor_critic_on_images(monkeypatch):
    policies = peer("stable_baselines3.common.policies")
    policy = build(policies.ActorCriticCnnPolicy, image(4), gymnasium.spaces.Discrete(6))
    taken = layers(policy, nature("features_extractor") | {"action_net": "pi", "value_net": "v"})
    model = compiled("ppo_nature", monkeypatch, taken)
    obs, act = seen(image(4)), torch.tensor([0, 5, 2])
    found = model(obs)
    values, log_prob, entropy = policy.evaluate_actions(obs, act)
    chosen = torch.distributions.Categorical(logits=found["pi"])
    close(found["v"], values.squeeze(-1))
    close(chosen.log_prob(act), log_prob)
    close(chosen.entropy(), entropy)
    ours = (found["v"] + chosen.log_prob(act)).sum()
    same_gradients(model, taken, ours, (values.squeeze(-1) + log_prob).sum())


def test_actor_critic_on_vectors(monkeypatch):
    policies = peer("stable_baselines3.common.policies")
    policy = build(policies.ActorCriticPolicy, VECTOR, TORQUES)
    streams = dense("mlp_extractor.policy_net", "pi") | dense("mlp_extractor.value_net", "v")
    taken = layers(policy, streams | {"action_net": "pi", "value_net": "v"}) | {"pi.log_std": policy.log_std}
    model = compiled("ppo_split", monkeypatch, taken)
    obs, act = seen(VECTOR), seen(TORQUES)
    found = model(obs)
    mean, log_std = found["pi"].chunk(2, dim=-1)
    chosen = torch.distributions.Normal(mean, log_std.exp())
    values, log_prob, entropy = policy.evaluate_actions(obs, act)
    close(found["v"], values.squeeze(-1))
    close(chosen.log_prob(act).sum(-1), log_prob)
    close(chosen.entropy().sum(-1), entropy)
    ours = (found["v"] + chosen.log_prob(act).sum(-1)).sum()
    same_gradients(model, taken, ours, (values.squeeze(-1) + log_prob).sum())


def test_values_of_actions_on_images(monkeypatch):
    policies = peer("stable_baselines3.dqn.policies")
    policy = build(policies.CnnPolicy, image(4), gymnasium.spaces.Discrete(4))
    taken = layers(policy, nature("q_net.features_extractor") | {"q_net.q_net.0": "q"})
    model = compiled("dqn_nature", monkeypatch, taken)
    ours, theirs = model(seen(image(4)))["q"], policy.q_net(seen(image(4)))
    close(ours, theirs)
    same_gradients(model, taken, ours.square().sum(), theirs.square().sum())


def test_two_critics_with_a_deterministic_actor(monkeypatch):
    policies = peer("stable_baselines3.td3.policies")
    policy = build(policies.TD3Policy, VECTOR, TORQUES)
    pairs = (
        dense("actor.mu", "mu", "mu.head") | dense("critic.qf0", "q1", "q1") | dense("critic.qf1", "q2", "q2")
    )
    taken = layers(policy, pairs)
    model = compiled("td3", monkeypatch, taken)
    found = model(seen(VECTOR), seen(TORQUES))
    close(found["mu"], policy.actor(seen(VECTOR)))
    for name, theirs in zip(("q1", "q2"), policy.critic(seen(VECTOR), seen(TORQUES)), strict=True):
        close(found[name], theirs.squeeze(-1))


def test_two_critics_with_a_squashed_gaussian(monkeypatch):
    policies = peer("stable_baselines3.sac.policies")
    policy = build(policies.SACPolicy, VECTOR, TORQUES)
    pairs = dense("actor.latent_pi", "pi") | dense("critic.qf0", "q1", "q1") | dense("critic.qf1", "q2", "q2")
    both = (policy.actor.mu, policy.actor.log_std)
    taken = layers(policy, pairs) | {
        "pi.weight": torch.cat([layer.weight for layer in both]),
        "pi.bias": torch.cat([layer.bias for layer in both]),
    }
    model = compiled("sac", monkeypatch, taken)
    found = model(seen(VECTOR), seen(TORQUES))
    mean, log_std, _ = policy.actor.get_action_dist_params(seen(VECTOR))
    close(found["pi"], torch.cat((mean, log_std), dim=-1))
    for name, theirs in zip(("q1", "q2"), policy.critic(seen(VECTOR), seen(TORQUES)), strict=True):
        close(found[name], theirs.squeeze(-1))


def test_quantiles(monkeypatch):
    policies = peer("sb3_contrib.qrdqn.policies")
    policy = build(policies.CnnPolicy, image(4), gymnasium.spaces.Discrete(4))
    last = policy.quantile_net.quantile_net[0]  # the quantiles of the first action, every fourth number
    taken = layers(policy, nature("quantile_net.features_extractor")) | {
        "q.weight": last.weight.unflatten(0, (200, 4)).transpose(0, 1).flatten(0, 1),
        "q.bias": last.bias.unflatten(0, (200, 4)).transpose(0, 1).flatten(),
    }
    model = compiled("dqn_qr", monkeypatch, taken)
    close(model(seen(image(4)))["q"], policy.quantile_net(seen(image(4))).transpose(1, 2))


def test_recurrent_actor_critic(monkeypatch):
    """Sequences with an episode that begins within one; the peer's value does not train its LSTM."""
    policies = peer("sb3_contrib.common.recurrent.policies")
    states = peer("sb3_contrib.common.recurrent.type_aliases")
    options = {"lstm_hidden_size": 128, "shared_lstm": True, "enable_critic_lstm": False}
    actions = gymnasium.spaces.Discrete(4)
    policy = build(policies.RecurrentActorCriticCnnPolicy, image(1), actions, **options)
    lstm = {f"e.{name.removesuffix('_l0')}": weight for name, weight in policy.lstm_actor.named_parameters()}
    taken = layers(policy, nature("features_extractor") | {"action_net": "pi", "value_net": "v"}) | lstm
    model = compiled("ppo_lstm", monkeypatch, taken)
    generator = torch.Generator().manual_seed(2)
    obs = torch.randint(256, (STEPS, BATCH, 1, 84, 84), generator=generator, dtype=torch.uint8)
    act = torch.randint(4, (STEPS, BATCH), generator=generator)
    h, c = torch.randn(2, BATCH, 128, generator=generator)
    starts = torch.zeros(STEPS, BATCH, dtype=torch.bool)
    starts[2, 0] = starts[0, 1] = True

    def theirs(x):  # all steps of the first environment, then of the second
        return x.transpose(0, 1).flatten(0, 1)

    state = ((h.unsqueeze(0), c.unsqueeze(0)),) * 2
    values, log_prob, entropy = policy.evaluate_actions(
        theirs(obs), theirs(act), states.RNNStates(*state), theirs(starts).float()
    )
    found = model(obs, state={"e.hidden": h, "e.cell": c}, resets=starts)
    chosen = torch.distributions.Categorical(logits=found["pi"])
    close(theirs(found["v"]), values.squeeze(-1))
    close(theirs(chosen.log_prob(act)), log_prob)
    close(theirs(chosen.entropy()), entropy)
    of_policy = {key: weight for key, weight in taken.items() if not key.startswith("v.")}
    same_gradients(model, of_policy, chosen.log_prob(act).sum(), log_prob.sum())
