import inspect

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import find_spec
from rl2graph.workers.environments import Environments
from rl2graph.workers.episodes import EpisodeTracker
from rl2graph.workers.registry import make
from tests.workers.tiny import Tiny, tiny_vector


def transitions(mode, steps=14):
    """The valid transitions of each slot: (obs, action, reward, terminated, truncated, true successor)."""
    env = Environments(tiny_vector(mode))
    obs = env.reset(0)
    found = [[], []]
    for _ in range(steps):
        action = (obs[:, 2].astype(np.int64) + 1) % 2
        step = env.step(action)
        for slot in range(2):
            if step.valid[slot]:
                ended = step.terminated[slot] or step.truncated[slot]
                successor = step.final_obs[slot] if ended else step.obs[slot]
                found[slot].append(
                    (
                        obs[slot].tolist(),
                        int(action[slot]),
                        float(step.reward[slot]),
                        bool(step.terminated[slot]),
                        bool(step.truncated[slot]),
                        successor.tolist(),
                    )
                )
        obs = step.obs
    return found


def test_the_three_autoreset_modes_give_the_same_valid_transitions():
    same, following, disabled = (transitions(mode) for mode in AutoresetMode)
    named = dict(zip(AutoresetMode, (same, following, disabled), strict=True))
    reference = named[AutoresetMode.SAME_STEP]
    for slot in range(2):
        assert named[AutoresetMode.DISABLED][slot] == reference[slot]
        found = named[AutoresetMode.NEXT_STEP][slot]
        assert 8 < len(found) < len(reference[slot])
        assert found == reference[slot][: len(found)]
    assert reference[0][1] == ([0.0, 0.0, 1.0], 0, 1.0, True, False, [0.0, 0.0, 2.0])
    assert reference[0][2] == ([0.0, 1.0, 0.0], 1, 11.0, False, False, [0.0, 1.0, 1.0])
    assert reference[0][4] == ([0.0, 1.0, 2.0], 1, 13.0, False, True, [0.0, 1.0, 3.0])


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_episodes_are_counted_alike(mode):
    env = Environments(tiny_vector(mode))
    tracker = EpisodeTracker(2)
    env.reset(0)
    found = []
    for _ in range(12):
        found += tracker.add(env.step(np.zeros(2, np.int64)))
    first = [e for e in found if e.slot == 0][:3]
    assert [(e.length, e.episode_return) for e in first] == [(2, 1.0), (3, 33.0), (2, 41.0)]


def test_observations_are_cast_and_copied():
    env = Environments(tiny_vector(AutoresetMode.SAME_STEP))
    first = env.reset(0)
    assert first.dtype == np.float32
    kept = first.copy()
    env.step(np.zeros(2, np.int64))
    np.testing.assert_array_equal(first, kept)


def test_a_single_environment_is_a_batch_of_one():
    env = Environments(Tiny())
    assert env.num_envs == 1
    assert env.reset(0).shape == (1, 3)
    env.step(np.zeros(1, np.int64))
    step = env.step(np.zeros(1, np.int64))
    assert step.terminated.tolist() == [True]
    assert step.final_obs[0].tolist() == [0, 0, 2]
    assert step.obs[0].tolist() == [0, 1, 0]


def test_box_actions_are_clipped_where_they_are_stepped():
    box = spaces.Box(np.array([-1, 0], np.float32), np.array([1, 5], np.float32))
    vector = tiny_vector(AutoresetMode.SAME_STEP, 1, box)
    env = Environments(vector)
    env.reset(0)
    action = np.array([[-3.0, 9.0]], np.float32)
    env.step(action)
    assert vector.envs[0].actions[0].tolist() == [-1.0, 5.0]
    assert action.tolist() == [[-3.0, 9.0]]


def test_discrete_actions_get_the_spaces_start():
    vector = tiny_vector(AutoresetMode.SAME_STEP, 2, spaces.Discrete(3, start=5))
    env = Environments(vector)
    env.reset(0)
    env.step(np.array([0, 2]))
    assert [e.actions[0] for e in vector.envs] == [5, 7]


def test_a_vector_environment_has_to_say_how_it_resets():
    vector = tiny_vector(AutoresetMode.SAME_STEP)
    vector.metadata = {}
    with pytest.raises(DiagnosticError) as caught:
        Environments(vector)
    assert caught.value.diagnostics[0].code == "RLG604"
    with pytest.raises(DiagnosticError):
        Environments("CartPole")


def test_same_step_without_final_observations_is_refused():
    class Dropped(gymnasium.vector.VectorWrapper):
        def step(self, actions):
            return (*self.env.step(actions)[:4], {})

    env = Environments(Dropped(tiny_vector(AutoresetMode.SAME_STEP)))
    env.reset(0)
    env.step(np.zeros(2, np.int64))
    with pytest.raises(DiagnosticError):
        env.step(np.zeros(2, np.int64))


@pytest.mark.parametrize(
    ("env_id", "code", "words"),
    [
        ("CartPole-v7", "RLG604", "did you mean `CartPole-v1`?"),
        ("Cartpol-v1", "RLG604", "did you mean `CartPole-v1`?"),
        ("cartpole", "RLG604", "CartPole-v1"),
        ("!!", "RLG604", "pprint_registry"),
        ("", "RLG604", "pprint_registry"),
        ("no_such_module:Thing-v0", "RLG611", "no_such_module"),
    ],
)
def test_ids_that_do_not_exist(env_id, code, words):
    with pytest.raises(DiagnosticError) as caught:
        find_spec(env_id)
    found = caught.value.diagnostics[0]
    assert found.code == code
    assert words in f"{found.message} {found.hint}"


def test_an_environment_that_fails_to_be_made_is_a_diagnostic():
    def broken():
        raise RuntimeError("no\n display")

    def lacking():
        raise gymnasium.error.DependencyNotInstalled("box2d is missing")

    gymnasium.register("Broken-v0", broken)
    gymnasium.register("Lacking-v0", lacking)
    try:
        for env_id, code, words in (
            ("Broken-v0", "RLG604", "no display"),
            ("Lacking-v0", "RLG611", "box2d"),
        ):
            with pytest.raises(DiagnosticError) as caught:
                make(env_id)
            assert caught.value.diagnostics[0].code == code
            assert words in caught.value.diagnostics[0].message
    finally:
        del gymnasium.registry["Broken-v0"], gymnasium.registry["Lacking-v0"]


def test_made_environments_are_stepped_here_and_reset_at_once():
    env = make("CartPole-v1", 3)
    assert type(env.vector).__name__ == "SyncVectorEnv"
    assert env.mode is AutoresetMode.SAME_STEP
    assert env.reset(1).shape == (3, 4)
    env.close()


@pytest.mark.skipif(
    "dtype" not in inspect.signature(spaces.Discrete).parameters, reason="int64 alone, in this gymnasium"
)
def test_discrete_actions_reach_the_environment_in_its_dtype():
    vector = tiny_vector(AutoresetMode.SAME_STEP, 2, spaces.Discrete(3, dtype=np.int32))
    env = Environments(vector)
    env.reset(0)
    env.step(np.array([0, 2]))
    assert all(np.asarray(e.actions[0]).dtype == np.int32 for e in vector.envs)
