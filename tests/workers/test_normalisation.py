from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rl2graph.agents import PPO, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector
from rl2graph.workers import Environments, MaxStepWorker
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.evaluate import evaluate
from rl2graph.workers.moments import Moments
from rl2graph.workers.normalisation import Normalisation
from tests.agents.handmade import Handmade
from tests.workers.tiny import Tiny, tiny_vector

ALWAYS = np.zeros(2, np.int64)


def walked(mode, steps, **settings):
    """A normalisation after `steps` vector steps of `Tiny`, whose rewards are then 10 * episode + t."""
    env = Environments(tiny_vector(mode))
    normalisation = Normalisation(env, **settings)
    seen = [normalisation.reset(env.reset(0))]
    taken = []
    for _ in range(steps):
        taken.append(normalisation.step(env.step(ALWAYS)))
        seen.append(taken[-1].obs)
    return normalisation, seen, taken


@given(
    arrays(np.float32, (12, 2), elements=st.floats(-1e4, 1e4, width=32)),
    st.lists(st.integers(0, 12), max_size=4),
)
def test_moments_in_parts_are_the_moments_of_the_whole(rows, cuts):
    moments = Moments((2,))
    for part in np.split(rows, sorted(cuts)):
        moments.update(part)
    whole = rows.astype(np.float64)
    assert moments.count == 12
    np.testing.assert_allclose(moments.mean, whole.mean(axis=0), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moments.deviation(1e-8), np.sqrt(whole.var(axis=0) + 1e-8), rtol=1e-7)


def test_moments_far_from_zero_keep_their_variance():
    moments = Moments(())
    for _ in range(1000):
        moments.update(np.array([1e8 - 1, 1e8 + 1]))
    assert moments.deviation(0.0) == pytest.approx(1.0, rel=1e-9)


def test_observations_are_scaled_by_what_was_seen_up_to_them():
    """Slot 0 shows [0, 0, t] and slot 1 [1, 0, t]."""
    normalisation, seen, _ = walked(AutoresetMode.SAME_STEP, 1)
    first, second = seen
    assert first.dtype == np.float32
    # Both in episode 0 at t = 0: constant. The slots are 0 and 1: mean and deviation 1/2.
    np.testing.assert_allclose(first, [[-1, 0, 0], [1, 0, 0]], atol=1e-6)
    # Times 0, 0, 1, 1: mean and deviation 1/2.
    np.testing.assert_allclose(second, [[-1, 0, 1], [1, 0, 1]], atol=1e-6)
    assert normalisation.arrays()["observation.count"] == 4


def test_the_clip_holds():
    _, seen, _ = walked(AutoresetMode.SAME_STEP, 3, observation_clip=0.5)
    assert max(np.abs(obs).max() for obs in seen) == 0.5


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_each_observation_that_was_acted_on_counts_once_in_every_mode(mode):
    """Episode 0 of slot 0 has 2 steps and episode 1 has 3: acted on are t = 0, 1 and then t = 0, 1, 2."""
    env = Environments(SyncVectorEnv([Tiny], autoreset_mode=mode))
    normalisation = Normalisation(env, rewards=True, gamma=0.5)
    normalisation.reset(env.reset(0))
    valid = 0
    while valid < 4:
        step = normalisation.step(env.step(np.zeros(1, np.int64)))
        valid += int(step.valid[0])
    found = normalisation.arrays()
    # The two that are about to be acted on, and no last observation: t = 0 1 0 1 2.
    assert found["observation.count"] == 5
    np.testing.assert_allclose(found["observation.mean"], [0, 3 / 5, 4 / 5])
    np.testing.assert_allclose(found["observation.squares"], [0, 6 / 5, 14 / 5])
    # Rewards 0, 1, then 10, 11 with gamma 1/2: returns 0, 1, and, from 0 again, 10, 16.
    assert found["return.count"] == 4
    np.testing.assert_allclose(found["return.mean"], 27 / 4)
    np.testing.assert_allclose(found["return.squares"], 0 + 1 + 100 + 256 - 27**2 / 4)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_last_observation_is_scaled_by_the_same_moments(mode):
    normalisation, _, taken = walked(mode, 2)
    step = taken[-1]
    assert step.terminated.tolist() == [True, False]
    counted = 6 if mode is not AutoresetMode.NEXT_STEP else 5
    assert normalisation.arrays()["observation.count"] == counted
    moments = normalisation.arrays()
    deviation = np.sqrt(moments["observation.squares"] / counted + 1e-8)
    expected = (np.array([0, 0, 2]) - moments["observation.mean"]) / deviation
    np.testing.assert_allclose(step.final_obs[0], np.clip(expected, -10, 10), rtol=1e-5)


def test_rewards_are_divided_by_the_deviation_of_the_return():
    _, _, taken = walked(AutoresetMode.SAME_STEP, 2, observations=False, rewards=True, gamma=0.5)
    # Both slots pay 0, then 1; returns 0, 0, 1, 1 have the deviation 1/2.
    assert taken[1].reward.tolist() == pytest.approx([2.0, 2.0])
    assert taken[1].raw_reward.tolist() == [1.0, 1.0]
    assert taken[1].reward.dtype == np.float32
    _, _, clipped = walked(AutoresetMode.SAME_STEP, 2, rewards=True, gamma=0.5, reward_clip=1.5)
    assert clipped[1].reward.tolist() == [1.5, 1.5]


def test_clipped_rewards_keep_the_environments_own_beside_them():
    _, seen, taken = walked(AutoresetMode.SAME_STEP, 3, observations=False, clip_rewards=0.5)
    assert taken[2].reward.tolist() == [0.5, 0.5]
    assert taken[2].raw_reward.tolist() == [10.0, 2.0]
    assert seen[1].tolist() == [[0, 0, 1], [1, 0, 1]]  # observations are left alone
    _, _, plain = walked(AutoresetMode.SAME_STEP, 1)
    assert plain[0].raw_reward is None


class Mixed(Tiny):
    """An image, a choice, whole numbers, a mask of floats, and floats below a part of their own."""

    observation_space = spaces.Dict(
        {
            "image": spaces.Box(0, 255, (1, 4, 4), np.uint8),
            "choice": spaces.Discrete(5),
            "memory": spaces.Box(0, 255, (3,), np.uint8),
            "action_mask": spaces.Box(0, 1, (2,), np.float32),
            "body": spaces.Dict({"speed": spaces.Box(-1e3, 1e3, (2,), np.float32)}),
        }
    )

    def observe(self):
        return {
            "image": np.full((1, 4, 4), self.t, np.uint8),
            "choice": self.t,
            "memory": np.full(3, self.t, np.uint8),
            "action_mask": np.array([1, 0], np.float32),
            "body": {"speed": np.array([self.t, 100 * self.slot], np.float32)},
        }


def test_images_choices_whole_numbers_and_masks_stay_as_they_are():
    env = Environments(SyncVectorEnv([Mixed, lambda: Mixed(1)], autoreset_mode=AutoresetMode.SAME_STEP))
    normalisation = Normalisation(env)
    plain = env.reset(0)
    scaled = normalisation.reset(plain)
    for name in ("image", "choice", "memory", "action_mask"):
        np.testing.assert_array_equal(scaled[name], plain[name])
        assert scaled[name].dtype == plain[name].dtype
    np.testing.assert_allclose(scaled["body"]["speed"], [[0, -1], [0, 1]], atol=1e-6)
    assert plain["body"]["speed"].tolist() == [[0, 0], [0, 100]]
    assert list(scaled) == list(plain)
    assert set(normalisation.arrays()) == {
        f"observation['body']['speed'].{name}" for name in ("count", "mean", "squares")
    }


def test_what_is_not_finite_is_refused_and_not_counted():
    normalisation, _, taken = walked(AutoresetMode.SAME_STEP, 2, rewards=True)
    before = {name: array.copy() for name, array in normalisation.arrays().items()}
    step = taken[-1]
    bad = np.array([[0, 0, 0], [0, np.inf, 0]], np.float32)
    beyond = np.array([[np.nan, 0, 0], [0, 0, 0]], np.float32)
    for poisoned, words in (
        (replace(step, obs=bad), "observation of environment 1"),
        (replace(step, final_obs=beyond), "observation of environment 0"),
        (replace(step, reward=np.array([0, np.nan], np.float32)), "reward of environment 1"),
    ):
        with pytest.raises(DiagnosticError, match=words) as caught:
            normalisation.step(poisoned)
        assert caught.value.diagnostics[0].code == "RLG610"
    with pytest.raises(DiagnosticError):
        normalisation.reset(bad)
    assert all((before[name] == array).all() for name, array in normalisation.arrays().items())
    # Rows of episodes that go on say nothing, and are not looked at.
    ended_elsewhere = np.array([[0, 0, 0], [np.nan, 0, 0]], np.float32)
    normalisation.step(replace(step, final_obs=ended_elsewhere))


def test_saved_moments_are_the_same_to_the_bit():
    first, _, _ = walked(AutoresetMode.NEXT_STEP, 7, rewards=True)
    env = Environments(tiny_vector(AutoresetMode.NEXT_STEP))
    second = Normalisation(env, rewards=True)
    second.load(first.arrays())
    for name, array in first.arrays().items():
        assert array.dtype == second.arrays()[name].dtype
        assert (array == second.arrays()[name]).all()
    other = Normalisation(Environments(gymnasium.make("CartPole-v1")))
    for wrong in (first.arrays(), {}):
        with pytest.raises(DiagnosticError) as caught:
            other.load(wrong)
        assert caught.value.diagnostics[0].code == "RLG608"


def test_frozen_moments_learn_nothing_and_leave_rewards_alone():
    normalisation, _, _ = walked(AutoresetMode.SAME_STEP, 4, rewards=True)
    before = {name: array.copy() for name, array in normalisation.arrays().items()}
    env = Environments(tiny_vector(AutoresetMode.NEXT_STEP, num_envs=3))
    frozen = normalisation.frozen()
    frozen.reset(env.reset(1))
    for _ in range(4):
        plain = env.step(np.zeros(3, np.int64))
        step = frozen.step(plain)
        assert step.reward is plain.reward
        assert (step.obs != plain.obs).any()
    assert all((before[name] == array).all() for name, array in normalisation.arrays().items())


def test_returns_start_again_with_all_environments_and_after_a_step_that_only_reset():
    normalisation, _, taken = walked(AutoresetMode.SAME_STEP, 1, observations=False, rewards=True, gamma=0.5)

    def paid(valid, reward):
        nothing = np.zeros(2, np.bool_)
        step = replace(
            taken[0],
            reward=np.full(2, reward, np.float32),
            valid=np.array([valid, True]),
            terminated=nothing,
            truncated=nothing,
        )
        normalisation.step(step)
        return normalisation.arrays()["return.mean"] * normalisation.arrays()["return.count"]

    assert paid(True, 4.0) == pytest.approx(8)  # returns so far: 0, 0, 4, 4
    assert paid(False, 4.0) == pytest.approx(8 + 6)  # slot 0 only reset, and that counts for nothing
    assert paid(True, 2.0) == pytest.approx(14 + 2 + 5)  # it starts from 0, and slot 1 from 6
    normalisation.reset(taken[0].obs)
    assert paid(True, 2.0) == pytest.approx(21 + 2 + 2)


def test_before_anything_was_seen_observations_pass():
    env = Environments(tiny_vector(AutoresetMode.SAME_STEP))
    obs = env.reset(0)
    np.testing.assert_allclose(Normalisation(env).frozen().reset(obs), obs, rtol=1e-6)


def test_a_worker_takes_one_and_episodes_keep_their_own_returns():
    def ran(**settings):
        env = Environments(tiny_vector(AutoresetMode.SAME_STEP))
        agent = PPO(
            Handmade(Vector((3,)), Discrete(2), hidden=(8,)),
            PPOConfig(n_steps=8, minibatch_size=8, epochs=1),
        )
        normalisation = Normalisation(env, **settings)
        progress = MaxStepWorker(env, agent, max_steps=32, normalisation=normalisation).run()
        return env, agent, normalisation, progress

    env, agent, normalisation, progress = ran(rewards=True, gamma=0.9)
    assert normalisation.arrays()["observation.count"] == 32 + 2
    assert normalisation.arrays()["return.count"] == 32
    returns = {episode.episode_return for episode in progress.recent}
    assert all(value == int(value) for value in returns)  # whole, as the environment pays
    assert max(returns) > 50
    found = evaluate(agent, env, episodes=4, normalisation=normalisation.frozen())
    assert max(found.returns) > 50
    assert normalisation.arrays()["observation.count"] == 32 + 2


def test_a_run_normalises_what_its_table_says():
    env = Environments(tiny_vector(AutoresetMode.SAME_STEP))
    assert Normalisation.of(env, EnvConfig(), 0.9) is None
    clipping = Normalisation.of(env, EnvConfig(clip_rewards=1.0), None)
    assert clipping.arrays() == {}
    with pytest.raises(DiagnosticError, match="gamma") as caught:
        Normalisation.of(env, EnvConfig(normalise_rewards=True), None)
    assert caught.value.diagnostics[0].code == "RLG607"
