import numpy as np
import pytest

from rl2graph.memory.rollout import RolloutMemory


def memory(n_steps=3, num_envs=2, **options):
    obs = np.zeros((num_envs, 2), np.uint8)
    return RolloutMemory(n_steps, num_envs, obs=obs, action=np.zeros(num_envs, np.int64), **options)


def fill(it, valid=None, **columns):
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
            resets=row == 1,
            final_value=np.full(it.num_envs, -5.0) if t == 1 else None,
            **{name: column(t) for name, column in columns.items()},
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


def test_resets_are_those_before_a_step_and_run_on_from_rollout_to_rollout():
    it = memory()
    fill(it)
    assert it.resets[:, 0].tolist() == [False, False, True]
    it.clear()
    it.n_steps = 2  # ends in a row that resets what follows
    fill(it)
    assert it.following[1].tolist() == [True, True]
    it.clear()
    fill(it)
    assert it.resets[0].tolist() == [True, True]


def test_states_are_kept_before_the_first_step_of_each_sequence():
    state = {"h": np.zeros((2, 1), np.float32)}
    it = memory(4, state=state, sequence_length=2)
    fill(it, state=lambda t: {"h": np.full((2, 1), t + 1.0, np.float32)})
    assert it.states["h"][:, 0, 0].tolist() == [0.0, 2.0]
    assert it.following[0]["h"][0, 0] == 4.0
    it.clear()
    fill(it, state=lambda t: {"h": np.full((2, 1), t + 5.0, np.float32)})
    assert it.states["h"][:, 0, 0].tolist() == [4.0, 6.0]


def test_parts_of_observations_and_actions_are_kept_each_in_its_dtype():
    obs = {"camera": np.zeros((2, 3, 4, 4), np.uint8), "arm": {"joints": np.zeros((2, 5), np.float32)}}
    action = {"0": np.zeros(2, np.int64), "1": np.zeros((2, 3), np.float32)}
    it = RolloutMemory(4, 2, obs=obs, action=action, keeps_next_obs=True)
    assert it.obs["camera"].shape == (4, 2, 3, 4, 4)
    assert it.obs["arm"]["joints"].dtype == np.float32
    assert it.next_obs["camera"].dtype == np.uint8
    assert it.action["1"].shape == (4, 2, 3)
