import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.agents.returns import explained_variance, gae, lambda_returns, n_step_returns


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


def rollout(seed, steps, envs, dtype=np.float32):
    """Random numbers `[T, B]`; inside an episode a step's successor is the row below."""
    rng = np.random.default_rng(seed)
    rewards, values, elsewhere = rng.normal(size=(3, steps, envs)).astype(dtype)
    terminated, truncated = rng.random((2, steps, envs)) < 0.2
    following = np.concatenate([values[1:], elsewhere[-1:]])
    return rewards, values, np.where(truncated, elsewhere, following), terminated, truncated


ROLLOUTS = st.tuples(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 3))
SHARES = st.floats(0, 1, allow_subnormal=False)


def episodes(done):
    """The slices of one column that hold an episode each, or the part of one that the rollout has."""
    start = 0
    for t in range(len(done)):
        if done[t] or t == len(done) - 1:
            yield slice(start, t + 1)
            start = t + 1


def n_step_by_definition(rewards, next_values, terminated, gamma, n):
    """Of one episode, `[T]`: m rewards, and the value of what the last of them led to."""
    returns = []
    for t in range(len(rewards)):
        m = min(n, len(rewards) - t)
        last = t + m - 1
        ahead = 0.0 if terminated[last] else next_values[last]
        returns.append(sum(gamma**k * rewards[t + k] for k in range(m)) + gamma**m * ahead)
    return returns


def lambda_by_definition(rewards, next_values, terminated, gamma, td_lambda):
    """Of one episode, `[T]`: `(1-l) sum_n l^(n-1) R(n)`; the longest takes the weight that is left."""
    steps = len(rewards)
    lengths = range(1, steps + 1)
    by_length = [n_step_by_definition(rewards, next_values, terminated, gamma, n) for n in lengths]
    returns = []
    for t in range(steps):
        longest = steps - t
        weighted = sum(
            (1 - td_lambda) * td_lambda ** (n - 1) * by_length[n - 1][t] for n in range(1, longest)
        )
        returns.append(weighted + td_lambda ** (longest - 1) * by_length[longest - 1][t])
    return returns


def per_episode(function, rewards, next_values, terminated, truncated, *options):
    result = np.empty_like(rewards)
    for b in range(rewards.shape[1]):
        for rows in episodes(terminated[:, b] | truncated[:, b]):
            result[rows, b] = function(rewards[rows, b], next_values[rows, b], terminated[rows, b], *options)
    return result


# Six steps: an episode that terminates at t=1, one truncated at t=3 (its last observation is worth 6), and
# one that goes on. gamma = 0.5, r = 1, the value after the rollout 16. What the termination led to is NaN.
NAN = np.nan
SIX = (
    np.ones((6, 1), np.float32),
    column(4, NAN, 8, 6, 2, 16),
    column(0, 1, 0, 0, 0, 0, dtype=bool),
    column(0, 0, 0, 1, 0, 0, dtype=bool),
)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        # 1 + 0.5 * (4, -, 8, 6, 2, 16).
        (1, [3.0, 1.0, 5.0, 4.0, 2.0, 9.0]),
        # t=0: 1 + 0.5*1, ended. t=2: 1 + 0.5*(1 + 0.5*6). t=4: 1 + 0.5*(1 + 0.5*16).
        (2, [1.5, 1.0, 3.0, 4.0, 5.5, 9.0]),
        # No episode has three steps here.
        (3, [1.5, 1.0, 3.0, 4.0, 5.5, 9.0]),
        (100, [1.5, 1.0, 3.0, 4.0, 5.5, 9.0]),
    ],
)
def test_n_step_returns_by_hand(n, expected):
    returns = n_step_returns(*SIX, gamma=0.5, n=n)
    np.testing.assert_array_equal(returns[:, 0], np.array(expected, np.float32))
    assert returns.dtype == np.float32


def test_a_return_of_three_steps_by_hand():
    """gamma = 0.5, r = (1, 2, 3, 4), V' = (10, 20, 30, 40), n = 3; no episode ends."""
    no = np.zeros((4, 1), bool)
    returns = n_step_returns(column(1, 2, 3, 4), column(10, 20, 30, 40), no, no, gamma=0.5, n=3)
    # t=0: 1 + 1 + 0.75 + 30/8. t=1: 2 + 1.5 + 1 + 40/8. t=2: 3 + 2 + 40/4. t=3: 4 + 20.
    np.testing.assert_array_equal(returns[:, 0], [6.5, 9.5, 15.0, 24.0])


def test_lambda_returns_by_hand():
    """By halves: those of one step and of two, as above; the last step of an episode has but one."""
    returns = lambda_returns(*SIX, gamma=0.5, td_lambda=0.5)
    np.testing.assert_array_equal(returns[:, 0], [2.25, 1.0, 4.0, 4.0, 3.75, 9.0])
    assert returns.dtype == np.float32


@given(ROLLOUTS, SHARES, st.integers(1, 12))
def test_n_step_returns_are_as_defined(shape, gamma, n):
    rewards, _, next_values, terminated, truncated = rollout(*shape, dtype=np.float64)
    expected = per_episode(n_step_by_definition, rewards, next_values, terminated, truncated, gamma, n)
    returns = n_step_returns(rewards, next_values, terminated, truncated, gamma=gamma, n=n)
    np.testing.assert_allclose(returns, expected, rtol=1e-10, atol=1e-12)


@given(ROLLOUTS, SHARES, SHARES)
def test_lambda_returns_are_as_defined(shape, gamma, td_lambda):
    rewards, _, next_values, terminated, truncated = rollout(*shape, dtype=np.float64)
    expected = per_episode(
        lambda_by_definition, rewards, next_values, terminated, truncated, gamma, td_lambda
    )
    returns = lambda_returns(rewards, next_values, terminated, truncated, gamma=gamma, td_lambda=td_lambda)
    np.testing.assert_allclose(returns, expected, rtol=1e-10, atol=1e-12)


@given(ROLLOUTS, SHARES)
def test_lambda_spans_the_returns_of_one_step_and_of_all(shape, gamma):
    rewards, _, next_values, terminated, truncated = rollout(*shape)
    ends = (next_values, terminated, truncated)
    one = lambda_returns(rewards, *ends, gamma=gamma, td_lambda=0.0)
    np.testing.assert_allclose(one, n_step_returns(rewards, *ends, gamma=gamma, n=1), rtol=1e-5, atol=1e-6)
    every = lambda_returns(rewards, *ends, gamma=gamma, td_lambda=1.0)
    longest = n_step_returns(rewards, *ends, gamma=gamma, n=len(rewards))
    np.testing.assert_allclose(every, longest, rtol=1e-5, atol=1e-5)


@given(ROLLOUTS, SHARES, SHARES)
def test_advantages_and_values_make_lambda_returns(shape, gamma, share):
    """Where what was bootstrapped from are the values themselves, as in every rollout."""
    rewards, values, *ends = rollout(*shape, dtype=np.float64)
    advantages, returns = gae(rewards, values, *ends, gamma=gamma, gae_lambda=share)
    targets = lambda_returns(rewards, *ends, gamma=gamma, td_lambda=share)
    np.testing.assert_allclose(advantages + values, targets, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(returns, targets, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_nan_after_a_termination_does_not_leak(share):
    """Column 0 terminates in a NaN observation at t=1, and t=2 only resets: its own numbers are NaN."""
    rewards, next_values = column(1, 1, NAN, 1), column(4, NAN, NAN, 16)
    terminated, no = column(0, 1, 0, 0, dtype=bool), np.zeros((4, 1), bool)
    rows = [0, 1, 3]
    targets = lambda_returns(rewards, next_values, terminated, no, gamma=0.5, td_lambda=share)
    np.testing.assert_array_equal(targets[rows, 0], [3 - 1.5 * share, 1, 9])
    returns = n_step_returns(rewards, next_values, terminated, no, gamma=0.5, n=4)
    np.testing.assert_array_equal(returns[rows, 0], [1.5, 1, 9])


def test_a_step_that_is_both_bootstraps_no_return():
    flag = column(True, dtype=bool)
    for returns in (
        n_step_returns(column(1), column(100), flag, flag, gamma=0.9, n=3),
        lambda_returns(column(1), column(100), flag, flag, gamma=0.9, td_lambda=0.9),
    ):
        assert returns.item() == 1.0


def test_returns_change_no_argument():
    arrays = rollout(0, 6, 2)
    before = [array.copy() for array in arrays]
    rewards, values, *ends = arrays
    gae(rewards, values, *ends, gamma=0.9, gae_lambda=0.9)
    n_step_returns(rewards, *ends, gamma=0.9, n=3)
    lambda_returns(rewards, *ends, gamma=0.9, td_lambda=0.9)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
