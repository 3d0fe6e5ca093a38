"""RL2's knobs: train interval, epochs, memory class and its arguments, device."""

import numpy as np
import pytest
import torch

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.rollout import RolloutMemory
from tests.agents.collecting import Loop, agent_for, walks

SPEC = "e = mlp(obs, hidden=[8]); pi = head(e); v = head(e)"


def steps_of(agent):
    return float(agent.optimiser_tensors()["step"][0])


def test_the_train_interval_is_the_rollouts_length_and_epochs_are_passes_over_it():
    env = walks()
    agent = agent_for(PPO, SPEC, env, PPOConfig(n_steps=8, minibatch_size=6, epochs=3))
    loop = Loop(agent, env)
    loop.collect()
    assert len(loop.steps) == 8
    agent.update()
    assert steps_of(agent) == 3 * 8 * 3 / 6


class Kept(RolloutMemory):
    """Counts what it stores."""

    def __init__(self, *args, label, **options):
        super().__init__(*args, **options)
        self.label, self.stored = label, 0

    def store(self, **columns):
        self.stored += 1
        super().store(**columns)


@pytest.mark.parametrize(
    ("algorithm", "config"), [(PPO, PPOConfig(n_steps=8, minibatch_size=6)), (A2C, A2CConfig())]
)
def test_the_memory_is_a_class_of_ones_own_with_arguments_of_its_own(algorithm, config):
    env = walks()
    agent = agent_for(algorithm, SPEC, env, config, memory=Kept, memory_options={"label": "mine"})
    Loop(agent, env).collect().update()
    assert (agent.collector.memory.label, agent.collector.memory.stored) == ("mine", config.n_steps)


def test_the_device_is_where_the_model_is_put():
    env = walks()
    assert agent_for(PPO, SPEC, env, device="cpu").network.device == torch.device("cpu")
    if not torch.cuda.is_available():
        with pytest.raises(DiagnosticError) as caught:
            agent_for(PPO, SPEC, env, device="cuda")
        assert caught.value.diagnostics[0].code == "RLG607"
    with pytest.raises(DiagnosticError):
        agent_for(PPO, SPEC, env, device="nowhere")


def test_what_a_network_is_given_goes_to_its_device():
    """On the device `meta` nothing is computed, and what comes from elsewhere is refused by torch."""
    env = walks()
    agent = agent_for(PPO, SPEC, env)
    agent.network.device = torch.device("meta")
    agent.model.to("meta")
    out = agent.network.act(env.reset(0), None, None, None)
    assert out.params.device.type == "meta"


def test_a_minibatch_larger_than_a_rollout_is_refused_at_the_first_step():
    env = walks()
    agent = agent_for(PPO, SPEC, env, PPOConfig(n_steps=4, minibatch_size=13))
    with pytest.raises(DiagnosticError) as caught:
        Loop(agent, env).collect()
    assert caught.value.diagnostics[0].code == "RLG607"
    assert np.isfinite(Loop(agent_for(A2C, SPEC, env), env).collect().update()["loss"])
