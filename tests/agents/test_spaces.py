"""Every space, through real steps and updates of both algorithms."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from tests.agents.collecting import Loop, agent_for, walks

BOX = spaces.Box(-1, 1, (2,), np.float32)
ACTIONS = {
    "discrete": spaces.Discrete(3),
    "discrete from 1": spaces.Discrete(3, start=1),
    "multi-discrete": spaces.MultiDiscrete([2, 3]),
    "multi-binary": spaces.MultiBinary(4),
    "box": BOX,
    "box of two axes": spaces.Box(-1, 1, (2, 2), np.float32),
    "dict": spaces.Dict({"go": spaces.Discrete(3), "turn": BOX}),
    "tuple": spaces.Tuple(
        (spaces.MultiBinary(2), spaces.Dict({"a": BOX, "b": spaces.MultiDiscrete([2, 2])}))
    ),
}
OBSERVATIONS = {
    "vector": spaces.Box(-1, 1, (3,), np.float32),
    "image": spaces.Box(0, 255, (8, 8, 3), np.uint8),
    "choice": spaces.Discrete(4),
    "dict": spaces.Dict(
        {"camera": spaces.Box(0, 255, (3, 8, 8), np.uint8), "arm": BOX, "n": spaces.Discrete(3)}
    ),
    "tuple": spaces.Tuple((BOX, spaces.Dict({"mask": spaces.MultiBinary(3)}))),
}
SPEC = "e = encode(obs); pi = head(e); v = head(e)"
ALGORITHMS = [
    (PPO, PPOConfig(n_steps=6, minibatch_size=9, epochs=2)),
    (A2C, A2CConfig(n_steps=6)),
]


def learns(algorithm, config, spec, env):
    """Two updates, which change every weight; the first samples are as likely as when they were drawn."""
    agent = agent_for(algorithm, spec, env, config)
    loop = Loop(agent, env)
    before = {key: value.clone() for key, value in agent.model.state_dict().items()}
    loop.collect()
    for batch in agent.collected().minibatches(np.random.default_rng(0), 9):
        with torch.no_grad():
            out = agent.evaluate(agent.network.entries, batch, {})
        torch.testing.assert_close(out.log_prob, batch["log_prob"], rtol=1e-4, atol=1e-5)
    for _ in range(2):
        assert np.isfinite(loop.collect().update()["loss"])
    assert all(not torch.equal(before[key], value) for key, value in agent.model.state_dict().items())
    greedy = agent.act(loop.obs, greedy=True)
    env.step(greedy.action)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=["ppo", "a2c"])
@pytest.mark.parametrize("name", ACTIONS)
def test_actions(name, algorithm):
    learns(*algorithm, SPEC, walks(action=ACTIONS[name]))


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("name", OBSERVATIONS)
def test_observations(name, mode):
    learns(*ALGORITHMS[0], SPEC, walks(OBSERVATIONS[name], ACTIONS["dict"], mode=mode))


@pytest.mark.parametrize("name", ["dict", "tuple"])
def test_structured_actions_of_a_recurrent_model(name):
    spec = "h = encode(obs) |> gru(8); pi = head(h); v = head(h)"
    learns(*ALGORITHMS[0], spec, walks(OBSERVATIONS["dict"], ACTIONS[name], mode=AutoresetMode.NEXT_STEP))


def test_a_masked_choice_is_never_taken():
    mask = spaces.Dict({"state": BOX, "mask": spaces.MultiBinary(4)})
    env = walks(mask, spaces.Discrete(4), num_envs=8)
    spec = "e = mlp(obs.state); pi = masked(head(e), obs.mask); v = head(e)"
    agent = agent_for(PPO, spec, env, PPOConfig(n_steps=32, minibatch_size=64, epochs=2))
    loop = Loop(agent, env)
    for _ in range(2):
        stats = loop.collect().update()
        assert np.isfinite([stats["loss"], stats["grad_norm"], stats["entropy"]]).all()
    for seen, output in zip(loop.seen, loop.outputs, strict=True):
        allowed = np.take_along_axis(seen["mask"], output.action[:, None], axis=1)[:, 0]
        assert (allowed[seen["mask"].any(axis=1)] == 1).all()
    greedy = agent.act(loop.obs, greedy=True).action
    rows = np.flatnonzero(loop.obs["mask"].any(axis=1))
    assert (loop.obs["mask"][rows, greedy[rows]] == 1).all()
