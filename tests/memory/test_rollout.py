import numpy as np
import pytest

from rl2graph.memory.rollout import RolloutMemory


def memory(n_steps=3, num_envs=2):
    return RolloutMemory(
        n_steps, num_envs, obs_shape=(2,), obs_dtype=np.uint8, action_shape=(), action_dtype=np.int64
    )


def fill(it, valid=None):
    for t in range(it.n_steps):
        row = np.full(it.num_envs, t, np.float32)
        it.store(
            obs=np.full((it.num_envs, 2), t),
            action=np.arange(it.num_envs),
            log_prob=row,
            value=row * 10,
            reward=row,
            terminated=row < 0,
            truncated=row == 1,
            valid=np.ones(it.num_envs, bool) if valid is None else valid[t],
            final_value=np.full(it.num_envs, -5.0) if t == 1 else None,
        )
    return it


def test_time_first_and_dtypes_kept():
    it = fill(memory())
    assert it.full
    assert it.obs.shape == (3, 2, 2)
    assert it.obs.dtype == np.uint8
    assert it.action.dtype == np.int64
    assert it.obs[:, 0, 0].tolist() == [0, 1, 2]
    with pytest.raises(IndexError):
        fill(it)
    it.clear()
    assert not it.full


def test_next_values_take_the_row_below_the_bootstrap_and_the_final_value():
    following = fill(memory()).next_values(np.array([7.0, 8.0], np.float32))
    assert following.tolist() == [[10.0, 10.0], [-5.0, -5.0], [7.0, 8.0]]


def test_minibatches_are_slices_of_the_permutation():
    it = fill(memory())
    permutation = np.array([5, 0, 3, 1, 4, 2])
    assert [rows.tolist() for rows in it.minibatches(permutation, 3)] == [[5, 0, 3], [1, 4, 2]]


def test_invalid_rows_are_never_handed_out_and_every_minibatch_has_one_size():
    valid = np.array([[True, False], [True, True], [False, True]])
    it = fill(memory(), valid)
    permutation = np.array([5, 0, 4, 3, 1, 2])
    batches = [rows.tolist() for rows in it.minibatches(permutation, 3)]
    # Rows 1 and 4 only reset. None of the other four is left out.
    assert batches == [[5, 0, 3], [2, 5, 0]]
    assert [rows.tolist() for rows in it.minibatches(permutation, 2)] == [[5, 0], [3, 2]]
    assert [rows.tolist() for rows in it.minibatches(permutation, 6)] == [[5, 0, 3, 2, 5, 0]]


def test_a_rollout_of_resets_alone_gives_no_minibatch():
    it = fill(memory(), np.zeros((3, 2), bool))
    assert list(it.minibatches(np.arange(6), 3)) == []
