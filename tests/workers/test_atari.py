"""Atari's preprocessing; skipped without ale-py and OpenCV, and run by `make test-extras`."""

import os

import numpy as np
import pytest

from rl2graph.spaces import Image
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.registry import make

if not os.environ.get("TEST_EXTRAS"):
    pytest.importorskip("ale_py")
    pytest.importorskip("cv2")


def bare(env, slot=0):
    return env.vector.envs[slot].unwrapped


def test_an_atari_game_is_four_small_grey_frames():
    env = make("ALE/Pong-v5", 2, EnvConfig(atari=True, frame_stack=4))
    assert env.observation_space == Image((4, 84, 84))
    obs = env.reset(0)
    assert (obs.shape, obs.dtype) == ((2, 4, 84, 84), np.uint8)
    assert obs.std() > 10
    assert bare(env)._frameskip == 1
    assert bare(env).ale.getFloat("repeat_action_probability") == pytest.approx(0.25)  # as registered
    before = bare(env).ale.getFrameNumber()
    step = env.step(np.zeros(2, np.int64))
    assert bare(env).ale.getFrameNumber() - before == 4
    np.testing.assert_array_equal(step.obs[:, :3], obs[:, 1:])
    env.close()


def test_one_frame_is_an_image_too():
    env = make("ALE/Pong-v5", 1, EnvConfig(atari=True))
    assert env.observation_space == Image((1, 84, 84), channels_last=True)
    env.close()


def test_up_to_thirty_no_ops_begin_a_game():
    env = make("ALE/Pong-v5", 1, EnvConfig(atari=True))
    frames = []
    for seed in range(12):
        env.reset(seed)
        frames.append(bare(env).ale.getEpisodeFrameNumber())
    assert len(set(frames)) > 4
    assert max(frames) <= 30
    env.close()


@pytest.mark.parametrize("evaluation", [False, True])
def test_a_life_lost_ends_a_game_in_training_alone(evaluation):
    config = EnvConfig(atari=True, terminal_on_life_loss=True)
    env = make("ALE/Breakout-v5", 1, config, evaluation=evaluation)
    env.reset(0)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        step = env.step(rng.integers(0, 4, 1))
        lives = bare(env).ale.lives()
        if step.terminated[0] or lives < 5:
            break
    # Where the loss ended it, the next game has begun, with all its lives.
    assert (bool(step.terminated[0]), lives) == ((False, 4) if evaluation else (True, 5))
    env.close()


def test_a_time_limit_counts_the_agents_steps():
    env = make("ALE/Pong-v5", 1, EnvConfig(atari=True, time_limit=5))
    env.reset(0)
    ends = [bool(env.step(np.zeros(1, np.int64)).truncated[0]) for _ in range(5)]
    assert ends == [False, False, False, False, True]
    env.close()
