"""What a reviewer found about collecting: borders, statistics, misuse."""

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from rl2graph.agents import A2C, PPO, A2CConfig, PPOConfig
from rl2graph.agents.drivers import CompiledDriver
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import MaxStepWorker
from tests.agents.collecting import Loop, agent_for, walks

SPEC = "e = mlp(obs, hidden=[8]); pi = head(e); v = head(e)"
NORMALISING = "e = running_norm(obs) |> mlp(hidden=[8]); pi = head(e); v = head(e)"
WHOLE = PPOConfig(n_steps=12, minibatch_size=36, epochs=1)


def test_a_run_that_begins_anew_joins_no_episodes():
    """A second run starts from reset environments: the unfinished rollout of the first is dropped."""
    env = walks()
    agent = agent_for(PPO, SPEC, env, PPOConfig(n_steps=12, minibatch_size=12))
    MaxStepWorker(env, agent, max_steps=15).run()
    assert agent.collector.memory.position == 5
    MaxStepWorker(env, agent, max_steps=6).run()
    assert agent.collector.memory.position == 2
    other = walks(num_envs=2)
    MaxStepWorker(other, agent, max_steps=6).run()  # another number of environments
    assert agent.collector.memory.num_envs == 2


def test_after_a_refused_step_the_agent_goes_on():
    env = walks()
    agent = agent_for(PPO, SPEC, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    agent.collector.memory.reward[3, 0] = np.nan
    with pytest.raises(DiagnosticError, match="update 1"):
        agent.update()
    assert np.isfinite(loop.collect().update()["loss"])


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_statistics_count_the_steps_that_were_acted_in(mode):
    env = walks(mode=mode)
    agent = agent_for(PPO, NORMALISING, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    valid = sum(step.valid.sum() for step in loop.steps)
    assert float(agent.model.e.running_norm.count) == pytest.approx(valid, rel=1e-3)


def test_values_of_cut_episodes_are_of_the_statistics_that_the_others_are_of():
    env = walks()
    agent = agent_for(PPO, NORMALISING, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    agent.collected()
    memory = agent.collector.memory
    assert memory.truncated.any()
    for t, slot in zip(*np.nonzero(memory.truncated), strict=True):
        now = agent.network.value(loop.steps[t].final_obs)
        assert memory.final_value[t, slot] == pytest.approx(now[slot], rel=1e-5)


@pytest.mark.parametrize("length", [None, 3])
def test_ratios_are_one_beside_statistics_and_shorter_sequences(length):
    env = walks()
    spec = "h = running_norm(obs) |> lstm(8); pi = head(h); v = head(h)"
    config = PPOConfig(n_steps=12, minibatch_size=36, epochs=1, sequence_length=length, learning_rate=1e-30)
    agent = agent_for(PPO, spec, env, config)
    loop = Loop(agent, env)
    for _ in range(3):
        assert loop.collect().update()["approx_kl"] == pytest.approx(0.0, abs=1e-7)


def test_the_phase_begins_where_the_policy_is_with_shorter_sequences_too():
    env = walks()
    heads = "pi = head(h); v = head(h); aux = value(h)"
    spec = f"input returns: f32; h = lstm(obs, 8); {heads}; loss d = square(aux - returns)"
    config = PPOConfig(
        n_steps=12,
        minibatch_size=36,
        epochs=1,
        sequence_length=3,
        auxiliary_interval=2,
        auxiliary_epochs=1,
        learning_rate=1e-30,
    )
    agent = agent_for(PPO, spec, env, config)
    loop = Loop(agent, env)
    loop.collect().update()
    assert loop.collect().update()["phase/cloning_loss"] == pytest.approx(0.0, abs=1e-9)


def test_noise_in_a_policy_is_kept_in_its_likelihood_and_refused_with_a_phase():
    env = walks()
    noisy = "e = running_norm(obs) |> mlp(hidden=[8]) |> dropout(0.5); pi = head(e); v = head(e)"
    agent = agent_for(PPO, noisy, env, WHOLE)
    loop = Loop(agent, env)
    loop.collect()
    drawn = np.stack([output.log_prob for output in loop.outputs])
    np.testing.assert_array_equal(agent.collected().samples["log_prob"], drawn)
    with pytest.raises(DiagnosticError, match="draws noise"):
        agent_for(
            PPO,
            f"input returns: f32; {noisy}; aux = value(e); loss d = square(aux - returns)",
            env,
            PPOConfig(auxiliary_interval=1),
        )


def test_a_compiled_a2c_has_one_shape_though_steps_only_reset():
    env = walks(mode=AutoresetMode.NEXT_STEP)
    agent = agent_for(A2C, SPEC, env, A2CConfig(n_steps=5))
    object.__setattr__(agent.config, "driver", "compiled")
    agent.driver = CompiledDriver(
        agent.network.entries, agent.loss, agent.optimiser, max_grad_norm=0.5, backend="eager"
    )
    loop = Loop(agent, env)
    for _ in range(12):
        loop.collect().update()
    counts = {int(step.valid.sum()) for step in loop.steps}
    assert len(counts) > 1


def test_misuse_from_python_is_told_in_words():
    env = walks()
    agent = agent_for(PPO, SPEC, env, WHOLE)
    with pytest.raises(RuntimeError, match="when it is whole"):
        agent.update()
    with pytest.raises(TypeError, match="takes a PPOConfig"):
        PPO(agent.model, A2CConfig())
    with pytest.raises(TypeError, match="takes a PPOConfig"):
        PPO(agent.model, {"n_steps": 3})
    with pytest.raises(TypeError, match="takes a compiled model"):
        PPO("MlpPolicy")
    loop = Loop(agent, env)
    loop.collect()
    with pytest.raises(IndexError, match="update first"):
        agent.remember(loop.seen[0], loop.outputs[0], loop.steps[0])


def test_a_cut_episode_needs_its_last_observation():
    from dataclasses import replace

    env = walks()
    agent = agent_for(PPO, SPEC, env, WHOLE)
    obs = env.reset(0)
    output = agent.act(obs)
    step = env.step(output.action)
    cut = replace(step, truncated=np.array([True, False, False]), final_obs=None)
    with pytest.raises(ValueError, match="final_obs"):
        agent.remember(obs, output, cut)


def test_what_a_loss_reports_are_tensors():
    class Reporting(PPO):
        def loss(self, entries, batch, noise):
            total, stats = super().loss(entries, batch, noise)
            return total, {**stats, "one": 1.0}

    env = walks()
    agent = agent_for(Reporting, SPEC, env, WHOLE)
    with pytest.raises(TypeError, match="a tensor"):
        Loop(agent, env).collect().update()


def test_one_output_by_another_name_is_named_where_it_is_not_finite():
    env = walks()
    spec = "e = mlp(obs, hidden=[8]); output policy: pi = head(e), worth: v = head(e)"
    agent = agent_for(PPO, spec, env, WHOLE)
    with torch.no_grad():
        agent.model.worth.weight[0, 0] = torch.nan
    with pytest.raises(DiagnosticError, match="`worth`"):
        agent.act(env.reset(0))
