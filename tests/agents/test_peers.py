"""Updates against Stable-Baselines3's, on its weights and its rollout: `make test-extras` installs it.

Its value loss is the mean squared error, ours half of that: the coefficient is twice as large here. Its
rewards hold the value of what was cut off by truncation, ours do not.
"""

from __future__ import annotations

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.nn import functional as F

import rl2graph
from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.agents.base import ActOutput, Step
from rl2graph.agents.returns import gae, lambda_returns
from rl2graph.agents.seeds import Stream, generator
from rl2graph.zoo import zoo
from tests.zoo.test_peers import build, dense, layers, peer

OBSERVATIONS = spaces.Box(-np.inf, np.inf, (4,))
ACTIONS = {
    "discrete": spaces.Discrete(3),
    "multi_discrete": spaces.MultiDiscrete([3, 2, 4]),
    "multi_binary": spaces.MultiBinary(3),
    "box": spaces.Box(-1, 1, (2,)),
}
STEPS, ENVS = 16, 4
GAMMA, LAMBDA = 0.95, 0.9
PPO_SPLIT = next(spec.path for spec in zoo() if spec.name == "ppo_split")

pytestmark = pytest.mark.parametrize("kind", ACTIONS)


class Nothing(gymnasium.Env):
    """An environment that is asked for its spaces alone."""

    observation_space = OBSERVATIONS

    def __init__(self, action):
        self.action_space = action


def theirs(algorithm, kind, **settings):
    """A peer's algorithm with biases that are not zero, and its weights under our names."""
    policies = peer("stable_baselines3.common.policies")
    vector = peer("stable_baselines3.common.vec_env").DummyVecEnv([lambda: Nothing(ACTIONS[kind])] * ENVS)
    library = peer("stable_baselines3")
    settings = {"n_steps": STEPS, "gamma": GAMMA, "gae_lambda": LAMBDA, "device": "cpu"} | settings
    learner = getattr(library, algorithm)(policies.ActorCriticPolicy, vector, **settings)
    learner.set_logger(peer("stable_baselines3.common.logger").Logger(None, []))
    donor = build(policies.ActorCriticPolicy, OBSERVATIONS, ACTIONS[kind])
    learner.policy.load_state_dict(donor.state_dict())
    streams = dense("mlp_extractor.policy_net", "pi") | dense("mlp_extractor.value_net", "v")
    taken = layers(learner.policy, streams | {"action_net": "pi", "value_net": "v"})
    return learner, taken | ({"pi.log_std": learner.policy.log_std} if kind == "box" else {})


def ours(agent_type, config, kind, taken):
    """Our agent, with the peer's weights."""
    model = rl2graph.compile(PPO_SPLIT, observation_space=OBSERVATIONS, action_space=ACTIONS[kind])
    model.load_state_dict({key: weight.detach() for key, weight in taken.items()})
    return agent_type(model, config)


def rollout(policy, seed=0):
    """What the peer's policy does over T steps in random observations, with episodes that end both ways.

    What it thought of the actions is moved a little, so that ratios and values leave their clip ranges.
    """
    rng = np.random.default_rng(seed)
    dtype = np.float32 if isinstance(policy.action_space, spaces.Box) else np.int64
    obs = rng.normal(size=(STEPS + 1, ENVS, 4)).astype(np.float32)
    final_obs = rng.normal(size=(STEPS, ENVS, 4)).astype(np.float32)
    torch.manual_seed(seed)
    with torch.no_grad():
        action, value, log_prob = policy(torch.from_numpy(obs[:-1]).flatten(0, 1))
        after = policy.predict_values(torch.from_numpy(np.stack([obs[1:], final_obs])).flatten(0, 2))
    moved = rng.normal(scale=0.3, size=(2, STEPS, ENVS)).astype(np.float32)
    following, final_value = after.numpy().reshape(2, STEPS, ENVS)
    terminated, cut = rng.random((2, STEPS, ENVS)) < 0.15
    return SimpleNamespace(
        obs=obs,
        final_obs=final_obs,
        action=action.numpy().reshape(STEPS, ENVS, *action.shape[1:]).astype(dtype),
        log_prob=log_prob.numpy().reshape(STEPS, ENVS) + moved[0],
        value=value.numpy().reshape(STEPS, ENVS) + moved[1],
        last_value=following[-1],
        final_value=final_value,
        reward=rng.normal(size=(STEPS, ENVS)).astype(np.float32),
        terminated=terminated,
        truncated=cut & ~terminated,
    )


def fill_theirs(learner, seen):
    buffer, done = learner.rollout_buffer, seen.terminated | seen.truncated
    started = np.concatenate([np.ones((1, ENVS), bool), done[:-1]])
    buffer.reset()
    for t in range(STEPS):
        reward = seen.reward[t] + GAMMA * np.where(seen.truncated[t], seen.final_value[t], 0)
        numbers = (torch.from_numpy(column[t]) for column in (seen.value, seen.log_prob))
        buffer.add(seen.obs[t], seen.action[t], reward, started[t], *numbers)
    buffer.compute_returns_and_advantage(torch.from_numpy(seen.last_value), done[-1])


def fill_ours(agent, seen):
    for t in range(STEPS):
        step = Step(
            obs=seen.obs[t + 1],
            reward=seen.reward[t],
            terminated=seen.terminated[t],
            truncated=seen.truncated[t],
            valid=np.ones(ENVS, bool),
            final_obs=seen.final_obs[t],
        )
        agent.remember(seen.obs[t], ActOutput(seen.action[t], seen.log_prob[t], seen.value[t]), step)


def close(mine, other):
    """Equal to 1e-5, of the largest number where that is above one."""
    mine, other = (torch.as_tensor(number).detach().reshape(-1) for number in (mine, other))
    assert mine.shape == other.shape
    assert (mine - other).abs().max() <= 1e-5 * max(1.0, float(other.abs().max()))


def test_advantages_and_returns(kind):
    """By the pure functions, and as the agent collects them."""
    learner, taken = theirs("PPO", kind, batch_size=STEPS * ENVS)
    agent = ours(PPO, PPOConfig(n_steps=STEPS, gamma=GAMMA, gae_lambda=LAMBDA), kind, taken)
    seen = rollout(learner.policy)
    assert seen.terminated[:-1].any()
    assert seen.truncated[:-1].any()
    fill_theirs(learner, seen)
    fill_ours(agent, seen)
    following = np.concatenate([seen.value[1:], seen.last_value[None]])
    ends = np.where(seen.truncated, seen.final_value, following), seen.terminated, seen.truncated
    advantages, returns = gae(seen.reward, seen.value, *ends, gamma=GAMMA, gae_lambda=LAMBDA)
    buffer, collected = learner.rollout_buffer, agent.collected().samples
    close(advantages, buffer.advantages)
    close(returns, buffer.returns)
    close(lambda_returns(seen.reward, *ends, gamma=GAMMA, td_lambda=LAMBDA), buffer.returns)
    close(collected["advantage"], buffer.advantages)
    close(collected["return"], buffer.returns)


def minibatch(agent, seen):
    """The whole rollout; returns lie beyond the values, so that a value's clipped error is the worse one: the
    peer takes it where the other would be worse, too.
    """
    fill_ours(agent, seen)
    (batch,) = agent.collected().minibatches(np.random.default_rng(0))
    with torch.no_grad():
        value = agent.network.entries["value"](batch["inputs"]["obs"])["v"]
    beyond = batch["value"] + 3 * (value - batch["value"])
    return {**batch, "clip_range": torch.tensor(0.2), "return": beyond}


def evaluated(learner, batch):
    # Floats, as its buffer keeps them, but for what is an index.
    action = batch["action"] if isinstance(learner.action_space, spaces.Discrete) else batch["action"].float()
    values, log_prob, entropy = learner.policy.evaluate_actions(batch["inputs"]["obs"], action)
    return values.flatten(), log_prob, entropy


def same_losses(agent, batch, taken, expected, stats):
    """The total and its terms, and the total's gradients."""
    total, found = agent.loss(agent.network.entries, batch, {})
    close(total, expected)
    for name, number in stats.items():
        close(found[name], number)
    mine = torch.autograd.grad(total, [agent.model.get_parameter(key) for key in taken])
    for gradient, other in zip(mine, torch.autograd.grad(expected, list(taken.values())), strict=True):
        close(gradient, other)


@pytest.mark.parametrize("clipped", [False, True])
def test_losses_of_ppo(kind, clipped):
    learner, taken = theirs("PPO", kind, batch_size=STEPS * ENVS)
    value_clip = 0.1 if clipped else None
    config = PPOConfig(
        n_steps=STEPS, value_clip_range=value_clip, value_coefficient=1.4, entropy_coefficient=0.03
    )
    agent = ours(PPO, config, kind, taken)
    batch = minibatch(agent, rollout(learner.policy))
    clip_range = 0.2 if clipped else 1e6
    batch["clip_range"] = torch.tensor(clip_range)
    values, log_prob, entropy = evaluated(learner, batch)
    advantage = batch["advantage"]
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    ratio = torch.exp(log_prob - batch["log_prob"])
    policy = -torch.min(advantage * ratio, advantage * ratio.clamp(1 - clip_range, 1 + clip_range)).mean()
    near = batch["value"] + (values - batch["value"]).clamp(-0.1, 0.1)
    value = F.mse_loss(batch["return"], near if clipped else values)
    if clipped:
        assert ((ratio - 1).abs() > 0.2).any()
        assert (near != values).any()
    total = policy - 0.03 * entropy.mean() + 0.7 * value
    stats = {"policy_loss": policy, "value_loss": value / 2, "entropy": entropy.mean()}
    same_losses(agent, batch, taken, total, stats)


@pytest.mark.parametrize("normalised", [False, True])
def test_losses_of_a2c(kind, normalised):
    learner, taken = theirs("A2C", kind)
    config = A2CConfig(
        n_steps=STEPS, value_coefficient=1.4, entropy_coefficient=0.03, normalise_advantages=normalised
    )
    agent = ours(A2C, config, kind, taken)
    batch = minibatch(agent, rollout(learner.policy))
    values, log_prob, entropy = evaluated(learner, batch)
    advantage = batch["advantage"]
    if normalised:
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    policy = -(advantage * log_prob).mean()
    value = F.mse_loss(batch["return"], values)
    total = policy - 0.03 * entropy.mean() + 0.7 * value
    stats = {"policy_loss": policy, "value_loss": value / 2, "entropy": entropy.mean()}
    same_losses(agent, batch, taken, total, stats)


def in_our_order(monkeypatch):
    """The peer's minibatches are those that our agent of seed 0 will draw."""
    rng = generator(0, Stream.MEMORY)

    def permutation(rows):
        t, b = np.divmod(rng.permutation(rows), ENVS)
        return b * STEPS + t  # the peer's rows are all steps of the first environment, then of the second

    monkeypatch.setattr(np.random, "permutation", permutation)


def train_both(learner, agent, taken):
    """The same rollouts to both, twice; the numbers that both report, and the weights after it."""
    for seed in range(2):
        seen = rollout(learner.policy, seed)
        fill_theirs(learner, seen)
        fill_ours(agent, seen)
        learner.train()
        stats, logged = agent.update(), learner.logger.name_to_value
        policy_loss = logged.get("train/policy_gradient_loss", logged.get("train/policy_loss"))
        close(stats["policy_loss"], policy_loss)
        close(2 * stats["value_loss"], logged["train/value_loss"])
        close(-stats["entropy"], logged["train/entropy_loss"])
        close(stats["explained_variance"], logged["train/explained_variance"])
        for key, weight in taken.items():
            close(agent.model.get_parameter(key), weight)
    return stats, logged


@pytest.mark.parametrize(("epochs", "size"), [(1, STEPS * ENVS), (3, 16)])
def test_updates_of_ppo(kind, epochs, size, monkeypatch):
    learner, taken = theirs(
        "PPO", kind, n_epochs=epochs, batch_size=size, learning_rate=1e-3, ent_coef=0.01, vf_coef=0.5
    )
    before = {key: weight.detach().clone() for key, weight in taken.items()}
    config = PPOConfig(
        n_steps=STEPS,
        gamma=GAMMA,
        gae_lambda=LAMBDA,
        epochs=epochs,
        minibatch_size=size,
        learning_rate=1e-3,
        value_coefficient=1.0,
        entropy_coefficient=0.01,
    )
    in_our_order(monkeypatch)
    stats, logged = train_both(learner, ours(PPO, config, kind, taken), taken)
    close(stats["clip_fraction"], logged["train/clip_fraction"])
    for key, weight in taken.items():
        assert (weight - before[key]).abs().max() > 1e-4


@pytest.mark.parametrize("optimiser", ["rmsprop", "adam"])
def test_updates_of_a2c(kind, optimiser, monkeypatch):
    library = "stable_baselines3.common.sb2_compat.rmsprop_tf_like"
    kinds = {
        "rmsprop": (peer(library).RMSpropTFLike, {"alpha": 0.99, "eps": 1e-5}),
        "adam": (torch.optim.Adam, {"eps": 1e-5}),
    }
    chosen = dict(zip(("optimizer_class", "optimizer_kwargs"), kinds[optimiser], strict=True))
    learner, taken = theirs("A2C", kind, learning_rate=1e-3, ent_coef=0.01, vf_coef=0.5, policy_kwargs=chosen)
    config = A2CConfig(
        n_steps=STEPS,
        gamma=GAMMA,
        gae_lambda=LAMBDA,
        learning_rate=1e-3,
        value_coefficient=1.0,
        entropy_coefficient=0.01,
        optimiser=optimiser,
    )
    in_our_order(monkeypatch)
    train_both(learner, ours(A2C, config, kind, taken), taken)
