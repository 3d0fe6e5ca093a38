import numpy as np
import pytest

from rl2graph.agents.returns import explained_variance, gae


def column(*values, dtype=np.float32):
    return np.array(values, dtype)[:, None]


def test_termination_drops_the_successor_and_truncation_keeps_it():
    """Three columns of the same rewards: going on, terminated at t=1, truncated at t=1.

    gamma = 0.5, lambda = 0.5, r = 1, V = (2, 4, 8), V after the last step = 16, V(final observation) = 6.
    """
    rewards = np.ones((3, 3), np.float32)
    values = np.array([[2.0] * 3, [4.0] * 3, [8.0] * 3], np.float32)
    next_values = np.array([[4, 4, 4], [8, 8, 6], [16, 16, 16]], np.float32)
    terminated = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], bool)
    truncated = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]], bool)
    advantages, returns = gae(rewards, values, next_values, terminated, truncated, gamma=0.5, gae_lambda=0.5)
    # t=2: 1 + 0.5*16 - 8 = 1 for all.
    # t=1: going on 1 + 0.5*8 - 4 = 1, plus 0.25*1 = 1.25; terminated 1 - 4 = -3; truncated 1 + 0.5*6 - 4 = 0.
    # t=0: 1 + 0.5*4 - 2 = 1, plus 0.25 times the row below.
    expected = [[1.3125, 0.25, 1.0], [1.25, -3.0, 0.0], [1.0, 1.0, 1.0]]
    np.testing.assert_allclose(advantages, expected)
    np.testing.assert_allclose(returns, np.array(expected) + values)
    assert advantages.dtype == returns.dtype == np.float32


def test_a_step_that_is_both_counts_as_terminated():
    flag = column(True, dtype=bool)
    advantages, _ = gae(column(1), column(2), column(100), flag, flag, gamma=0.9, gae_lambda=1.0)
    assert advantages.item() == pytest.approx(-1.0)


def test_lambda_zero_is_the_one_step_error_and_lambda_one_the_monte_carlo_return():
    rng = np.random.default_rng(0)
    rewards, values = rng.normal(size=(2, 6, 1)).astype(np.float32)
    no = np.zeros((6, 1), bool)
    end = no.copy()
    end[-1] = True
    next_values = np.concatenate([values[1:], np.zeros((1, 1), np.float32)])
    one_step, _ = gae(rewards, values, next_values, end, no, gamma=0.9, gae_lambda=0.0)
    discount = np.where(end, 0, 0.9)
    np.testing.assert_allclose(one_step, rewards + discount * next_values - values, rtol=1e-5)
    _, returns = gae(rewards, values, next_values, end, no, gamma=0.9, gae_lambda=1.0)
    plain = [sum(0.9**k * rewards[t + k, 0] for k in range(6 - t)) for t in range(6)]
    np.testing.assert_allclose(returns[:, 0], plain, rtol=1e-5)


def test_explained_variance():
    returns = np.array([1.0, 2.0, 3.0])
    assert explained_variance(returns, returns) == 1.0
    assert explained_variance(np.full(3, 7.0), returns) == pytest.approx(0.0)
    assert explained_variance(returns, np.zeros(3)) == 0.0
    assert explained_variance(returns[:0], returns[:0]) == 0.0


def test_what_follows_an_episode_may_be_nan():
    """Column 0 terminates at t=1 in a NaN observation, and t=2 only resets (NEXT_STEP)."""
    rewards = np.ones((4, 1), np.float32)
    values = column(2, 4, np.nan, 8)
    next_values = column(4, np.nan, 8, 16)
    terminated = column(False, True, False, False, dtype=bool)
    advantages, _ = gae(
        rewards, values, next_values, terminated, ~terminated & False, gamma=0.5, gae_lambda=0.5
    )
    np.testing.assert_allclose(advantages[[0, 1, 3], 0], [0.25, -3.0, 1.0])
