from dataclasses import replace

import numpy as np
import pytest
import torch

import rl2graph
from rl2graph.agents import PPO, PPOConfig
from rl2graph.agents.base import ActOutput, Step
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector, unbounded
from tests.agents.handmade import Handmade

SMALL = PPOConfig(n_steps=4, minibatch_size=4, epochs=2)


THREE = Discrete(3)


def agent(config=SMALL, action_space=THREE, seed=0):
    return PPO(Handmade(Vector((4,)), action_space, hidden=(8,), seed=0), config, seed=seed)


def step(obs, *, truncated=(False, False), valid=(True, True), final_obs=None, reward=(1.0, 1.0)):
    return Step(
        obs=obs,
        reward=np.array(reward, np.float32),
        terminated=np.array([False, False]),
        truncated=np.array(truncated),
        valid=np.array(valid),
        final_obs=final_obs,
    )


def observations(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 2, 4)).astype(np.float32)


def filled(it, **last):
    obs = observations(5)
    for t in range(4):
        it.remember(obs[t], it.act(obs[t]), step(obs[t + 1], **(last if t == 3 else {})))
    return it


def test_acting_is_one_pass_and_batch_first():
    it = agent()
    calls = []
    it.network.entries["act"].register_forward_hook(lambda *_: calls.append(1))
    out = it.act(observations(1)[0])
    assert calls == [1]
    assert isinstance(out, ActOutput)
    assert out.action.shape == out.log_prob.shape == out.value.shape == (2,)
    assert (out.action.dtype, out.log_prob.dtype, out.value.dtype) == (np.int64, np.float32, np.float32)


def test_greedy_acting_takes_the_mode_and_draws_nothing():
    it = agent()
    before = it.counters()["exploration"]
    obs = observations(1)[0]
    logits = it.model.entry(["pi"])(torch.from_numpy(obs))["pi"].detach().numpy()
    assert it.act(obs, greedy=True).action.tolist() == logits.argmax(-1).tolist()
    assert it.counters()["exploration"] == before
    it.act(obs)
    assert it.counters()["exploration"] != before


def test_continuous_actions_keep_their_shape_and_learn():
    it = agent(action_space=unbounded((2, 1)))
    assert it.act(observations(1)[0]).action.shape == (2, 2, 1)
    assert np.isfinite(filled(it).update()["loss"])


def test_truncation_is_valued_at_the_final_observation_by_the_critic_alone():
    it = agent()
    calls = []
    it.network.entries["value"].register_forward_hook(lambda _, args, __: calls.append(args[0].shape[0]))
    final = observations(1, seed=9)[0]
    filled(it, truncated=(False, True), final_obs=final)
    assert calls == [1]
    value = it.model.entry(["v"])(torch.from_numpy(final))["v"].detach().numpy()
    following = it.collector.memory.next_values(np.zeros(2, np.float32))
    assert following[3, 1] == pytest.approx(value[1])
    assert following[3, 0] == 0.0
    np.testing.assert_array_equal(following[:3], it.collector.memory.value[1:])


def test_an_update_changes_every_weight_and_empties_the_rollout():
    it = filled(agent())
    assert it.ready
    before = {key: value.clone() for key, value in it.model.state_dict().items()}
    stats = it.update()
    assert not it.ready
    assert all(not torch.equal(before[key], value) for key, value in it.model.state_dict().items())
    assert {"loss", "grad_norm", "policy_loss", "value_loss", "entropy", "approx_kl"} <= stats.keys()


def test_annealing_follows_the_progress():
    config = PPOConfig(
        n_steps=4, minibatch_size=4, anneal_learning_rate=True, learning_rate=1e-2, anneal_clip_range=True
    )
    stats = filled(agent(config)).update(progress=0.75)
    assert stats["learning_rate"] == pytest.approx(0.25e-2)
    assert stats["clip_range"] == pytest.approx(0.05)
    assert filled(agent()).update(progress=0.75)["learning_rate"] == pytest.approx(3e-4)


def test_a_step_that_only_reset_enters_no_loss():
    """Slot 1 ends at t=1 and only resets at t=2: whatever that row holds, the weights come out the same."""
    weights = []
    for reward in (0.0, 1e6):
        it = agent()
        obs = observations(5)
        ended = step(obs[2], truncated=(False, True), final_obs=obs[2])
        reset = step(obs[3], valid=(True, False), reward=(1.0, reward))
        for t, taken in enumerate((step(obs[1]), ended, reset, step(obs[4]))):
            it.remember(obs[t], it.act(obs[t]), taken)
        it.update()
        weights.append(it.model.state_dict())
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_target_kl_ends_the_epochs():
    eager = PPOConfig(n_steps=4, minibatch_size=8, epochs=50, learning_rate=0.1, target_kl=1e-4)
    it = filled(agent(eager))
    it.update()
    assert it.optimiser_tensors()["step"][0] < 50


def test_same_seed_same_weights_and_torchs_generator_is_left_alone():
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    results = []
    for seed in (0, 0, 1):
        it = filled(agent(seed=seed))
        it.update()
        results.append(torch.cat([p.flatten() for p in it.model.state_dict().values()]))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
    assert torch.equal(state, torch.get_rng_state())
    assert (numpy_state == np.random.get_state()[1]).all()


def test_a_loss_that_is_not_finite_stops():
    with pytest.raises(DiagnosticError) as caught:
        filled(agent(), reward=(np.nan, 1.0)).update()
    assert caught.value.diagnostics[0].code == "RLG610"


def test_config_is_checked_all_at_once():
    with pytest.raises(DiagnosticError) as caught:
        PPOConfig(gamma=1.5, epochs=0, driver="fast", target_kl="x", n_steps=2.0, normalise_advantages=1)
    messages = [d.message for d in caught.value.diagnostics]
    assert {d.code for d in caught.value.diagnostics} == {"RLG607"}
    assert messages == [
        "`ppo.n_steps` cannot be 2.0: it is a whole number",
        "`ppo.gamma` cannot be 1.5: it is from 0 to 1",
        "`ppo.driver` cannot be 'fast': it is one of eager, compiled",
        "`ppo.epochs` cannot be 0: it is at least 1",
        "`ppo.normalise_advantages` cannot be 1: it is true or false",
        "`ppo.target_kl` cannot be 'x': it is a number",
    ]
    assert PPOConfig(learning_rate=1).learning_rate == 1.0
    with pytest.raises(DiagnosticError):
        PPOConfig(learning_rate=float("nan"))


def test_slips_of_the_hand_are_bounded():
    with pytest.raises(DiagnosticError) as caught:
        PPOConfig(learning_rate=1e39, n_steps=100_000_000_000, clip_range=10**400)
    assert [d.message.split(": ")[-1] for d in caught.value.diagnostics] == [
        "it is at most 1,000,000",
        "it is at most 100",
        "it is at most 1,000,000",
    ]


def test_observations_are_made_to_fit():
    it = agent()
    obs = observations(1)[0]
    expected = it.act(obs, greedy=True).action
    turned = np.asfortranarray(obs.astype(np.float64))[:, ::-1][:, ::-1]
    np.testing.assert_array_equal(it.act(turned, greedy=True).action, expected)


def test_a_rollout_smaller_than_a_minibatch_is_refused():
    with pytest.raises(DiagnosticError) as caught:
        filled(agent(PPOConfig(n_steps=4, minibatch_size=9)))
    assert caught.value.diagnostics[0].code == "RLG607"


def test_a_model_without_a_value_is_refused():
    import rl2graph

    model = rl2graph.compile("pi = head(mlp(obs))", env="CartPole-v1")
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        PPO(model)
    assert caught.value.diagnostics[0].code == "RLG501"


def normalising():
    text = "e = running_norm(obs) |> mlp(hidden=[8])\npi = head(e)\nv = head(e)"
    return PPO(rl2graph.compile(text, observation_space=Vector((4,)), action_space=THREE), SMALL)


def test_statistics_move_in_remember_alone():
    it = normalising()
    norm = it.model.e.running_norm
    obs = observations(1)[0]
    it.act(obs)
    it.act(obs, greedy=True)
    assert float(norm.count) == pytest.approx(1e-4)
    filled(it)
    assert float(norm.count) == pytest.approx(8.0, rel=1e-3)
    mean = observations(5)[:4].reshape(-1, 4).mean(0)
    np.testing.assert_allclose(norm.mean.numpy(), mean, rtol=1e-3, atol=1e-4)
    before = norm.mean.clone()
    it.update()
    assert torch.equal(norm.mean, before)


def test_a_first_minibatch_has_ratios_of_one_though_statistics_have_moved():
    it = normalising()
    it.config = replace(SMALL, epochs=1, minibatch_size=8)
    assert filled(it).update()["approx_kl"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("e = batch_norm(mlp(obs)); pi = head(e); v = head(e)", "RLG106"),
        ("pi = head(mlp(obs)); v = head(mlp(detach(mlp(obs))))", "RLG403"),
        ("e = mlp(concat(obs, act)); pi = head(e); v = head(e)", "RLG507"),
    ],
)
def test_a_model_that_was_compiled_for_no_algorithm_is_held_against_the_contract(text, code):
    with pytest.raises(DiagnosticError) as caught:
        PPO(rl2graph.compile(text, env="CartPole-v1"))
    assert [found.code for found in caught.value.diagnostics] == [code]
