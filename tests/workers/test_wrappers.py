import os
import signal

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Image, action_space, observation_space
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.registry import make
from rl2graph.workers.wrappers import ActionMask, wrapped
from tests.workers.tiny import Tiny


class Seen(gymnasium.Env):
    """Shows `[k, t]` in every element: episode k, of 3 steps."""

    action_space = spaces.Discrete(3)

    def __init__(self, space, masks=None):
        self.observation_space, self.masks = space, masks
        self.episode, self.t = -1, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.t = self.episode + 1, 0
        return self.observe(), self.info()

    def step(self, action):
        self.t += 1
        return self.observe(), 1.0, self.t == 3, False, self.info()

    def observe(self):
        number = 10 * self.episode + self.t
        return np.full(self.observation_space.shape, number, self.observation_space.dtype)

    def info(self):
        return {} if self.masks is None else {"action_mask": self.masks.copy()}


class Game(Seen):
    """As `Seen`, for ids."""

    def __init__(self):
        super().__init__(byte_image(9, 8, 3), np.array([1, 0, 1], np.int8))


@pytest.fixture
def game():
    gymnasium.register("Game-v0", "tests.workers.test_wrappers:Game", max_episode_steps=2)
    yield "Game-v0"
    del gymnasium.registry["Game-v0"]


def code(caught):
    return caught.value.diagnostics[0].code


def byte_image(*shape):
    return spaces.Box(0, 255, shape, np.uint8)


@pytest.mark.parametrize(
    ("shape", "expected"), [((9, 8, 3), (6, 9, 8)), ((3, 9, 8), (6, 9, 8)), ((9, 8), (2, 9, 8))]
)
def test_images_are_stacked_along_their_channels(shape, expected):
    env = wrapped(Seen(byte_image(*shape)), EnvConfig(frame_stack=2))
    assert observation_space(env.observation_space) == Image(expected)
    env.reset()
    obs = env.step(0)[0]
    assert env.observation_space.contains(obs)
    channels = expected[0] // 2
    assert (obs[:channels] == 0).all()  # the older frame first
    assert (obs[channels:] == 1).all()


def test_channels_keep_their_order():
    class Coloured(Seen):
        def observe(self):
            return np.broadcast_to(np.array([1, 2, 3], np.uint8) + 10 * self.t, (9, 8, 3)).copy()

    env = wrapped(Coloured(byte_image(9, 8, 3)), EnvConfig(frame_stack=2))
    env.reset()
    assert env.step(0)[0][:, 0, 0].tolist() == [1, 2, 3, 11, 12, 13]


def test_a_stack_holds_nothing_of_the_episode_before():
    env = wrapped(Seen(spaces.Box(-1e3, 1e3, (1,), np.float32)), EnvConfig(frame_stack=3))
    assert env.reset()[0].tolist() == [[0], [0], [0]]
    for _ in range(3):
        last = env.step(0)[0]
    assert last.tolist() == [[1], [2], [3]]
    assert env.reset()[0].tolist() == [[10], [10], [10]]
    assert last.tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_stacks_of_a_batch_end_with_their_episodes(game, vectorization):
    env = make(game, 2, EnvConfig(frame_stack=2, time_limit=2, vectorization=vectorization))
    assert env.observation_space == Image((6, 9, 8))
    env.reset(0)
    env.step(np.zeros(2, np.int64))
    step = env.step(np.zeros(2, np.int64))
    assert step.truncated.all()
    assert step.final_obs[:, [0, 3], 0, 0].tolist() == [[1, 2], [1, 2]]
    assert step.obs[:, [0, 3], 0, 0].tolist() == [[10, 10], [10, 10]]
    env.close()


def test_parts_of_an_observation_are_stacked_each():
    space = spaces.Dict({"camera": byte_image(9, 8, 3), "arm": spaces.Box(-9, 9, (2,), np.float32)})

    class Parted(Seen):
        def observe(self):
            return {"camera": np.full((9, 8, 3), self.t, np.uint8), "arm": np.full(2, self.t, np.float32)}

    env = wrapped(Parted(space), EnvConfig(frame_stack=2))
    assert str(observation_space(env.observation_space)) == "{ arm: f32[2, 2], camera: image[6, 9, 8] }"
    env.reset()
    obs = env.step(0)[0]
    assert obs["arm"].tolist() == [[0, 0], [1, 1]]
    assert obs["camera"][:, 0, 0].tolist() == [0, 0, 0, 1, 1, 1]
    tupled = wrapped(
        gymnasium.wrappers.TransformObservation(
            Parted(space), lambda obs: (obs["arm"],), spaces.Tuple([space["arm"]])
        ),
        EnvConfig(frame_stack=2),
    )
    assert tupled.reset()[0][0].tolist() == [[0, 0], [0, 0]]


def test_more_channels_than_width_are_refused():
    with pytest.raises(DiagnosticError, match="frame_stack") as caught:
        wrapped(Seen(byte_image(9, 8, 3)), EnvConfig(frame_stack=4))
    assert code(caught) == "RLG607"


def test_a_time_limit_replaces_the_registered_one(game):
    env = make(game, 1, EnvConfig(time_limit=3))
    env.reset(0)
    ends = [env.step(np.zeros(1, np.int64)) for _ in range(3)]
    assert [bool(step.truncated[0]) for step in ends] == [False, False, True]
    plain = make(game)
    plain.reset(0)
    assert [bool(plain.step(np.zeros(1, np.int64)).truncated[0]) for _ in range(2)] == [False, True]
    longer = make("Pendulum-v1", 1, EnvConfig(time_limit=201))
    longer.reset(0)
    ends = [longer.step(np.zeros((1, 1), np.float32)) for _ in range(201)]
    assert [bool(step.truncated[0]) for step in ends[-2:]] == [False, True]


def test_actions_are_rescaled():
    space = spaces.Box(np.array([-4, 0], np.float32), np.array([2, 10], np.float32))
    inner = Tiny(action_space=space)
    env = wrapped(inner, EnvConfig(rescale_action=True))
    assert action_space(env.action_space).low == (-1.0, -1.0)
    env.reset()
    env.step(np.array([0.5, -1.0], np.float32))
    assert inner.actions[0].tolist() == pytest.approx([0.5, 0.0], abs=1e-6)


@pytest.mark.parametrize(
    "space",
    [spaces.Discrete(3), spaces.Box(-np.inf, np.inf, (1,), np.float32)],
)
def test_actions_that_cannot_be_rescaled(space):
    with pytest.raises(DiagnosticError, match="rescale_action") as caught:
        wrapped(Tiny(action_space=space), EnvConfig(rescale_action=True))
    assert code(caught) == "RLG607"


@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_a_mask_joins_the_observation(game, vectorization):
    env = make(game, 2, EnvConfig(action_mask=True, vectorization=vectorization, frame_stack=2))
    shown = "{ observation: image[6, 9, 8], action_mask: multi_binary[3] }"
    assert str(env.observation_space) == shown
    obs = env.reset(0)
    assert obs["action_mask"].tolist() == [[1, 0, 1], [1, 0, 1]]  # not stacked
    env.step(np.zeros(2, np.int64))
    step = env.step(np.zeros(2, np.int64))
    assert step.final_obs["action_mask"].tolist() == [[1, 0, 1], [1, 0, 1]]
    assert step.final_obs["observation"][0, 3, 0, 0] == 2
    env.close()


def test_masks_are_taken_as_zero_or_not():
    for mask in (np.array([True, False, True]), np.array([1.0, 0.0, 1.0])):
        env = ActionMask(Seen(byte_image(9, 8, 3), mask))
        obs = env.reset()[0]
        assert env.observation_space.contains(obs)
        assert obs["action_mask"].tolist() == [1, 0, 1]


@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_an_environment_without_masks_is_found_when_it_is_made(vectorization):
    with pytest.raises(DiagnosticError, match="gives none") as caught:
        make("CartPole-v1", 2, EnvConfig(action_mask=True, vectorization=vectorization))
    assert code(caught) == "RLG607"


@pytest.mark.parametrize("env_id", ["Taxi-v4", "Taxi-v3"])
def test_taxi_gives_its_masks(env_id):
    if env_id not in gymnasium.registry:
        pytest.skip(f"this gymnasium has another Taxi than {env_id}")
    env = make(env_id, 2, EnvConfig(action_mask=True))
    assert str(env.observation_space) == "{ observation: discrete[500], action_mask: multi_binary[6] }"
    assert env.reset(0)["action_mask"].shape == (2, 6)


def test_masks_of_other_sizes_and_actions_are_refused():
    with pytest.raises(DiagnosticError, match="one of 2 elements") as caught:
        ActionMask(Seen(byte_image(9, 8, 3), np.ones(2))).reset()
    assert code(caught) == "RLG607"
    with pytest.raises(DiagnosticError, match="choices") as caught:
        wrapped(gymnasium.make("Pendulum-v1"), EnvConfig(action_mask=True))
    assert code(caught) == "RLG607"
    several = Seen(byte_image(9, 8, 3), np.ones((2, 3)))
    several.action_space = spaces.MultiDiscrete([3, 3])
    assert ActionMask(several).observation_space["action_mask"].n == 6


def test_each_way_of_vectorising():
    kinds = {"sync": "SyncVectorEnv", "async": "AsyncVectorEnv", "vector_entry_point": "CartPoleVectorEnv"}
    for vectorization, kind in kinds.items():
        env = make("CartPole-v1", 3, EnvConfig(vectorization=vectorization, time_limit=4))
        assert type(env.vector.unwrapped).__name__ == kind
        own = vectorization == "vector_entry_point"
        assert env.mode is (AutoresetMode.NEXT_STEP if own else AutoresetMode.SAME_STEP)
        assert env.reset(1).shape == (3, 4)
        steps = [env.step(np.array([0, 1, 0])) for _ in range(4)]
        assert steps[-1].truncated.all()
        env.close()


def test_async_and_sync_copies_are_the_same():
    envs = [make("CartPole-v1", 2, EnvConfig(vectorization=kind)) for kind in ("sync", "async")]
    first = [env.reset(7) for env in envs]
    np.testing.assert_array_equal(*first)
    for _ in range(30):
        one, other = (env.step(np.array([0, 1])) for env in envs)
        np.testing.assert_array_equal(one.obs, other.obs)
        np.testing.assert_array_equal(one.terminated, other.terminated)
        if one.final_obs is not None:
            np.testing.assert_array_equal(one.final_obs, other.final_obs)
    envs[1].close()


def test_an_interrupt_is_the_runs_and_not_its_processes():
    env = make("CartPole-v1", 2, EnvConfig(vectorization="async"))
    env.reset(0)
    for process in env.vector.processes:
        os.kill(process.pid, signal.SIGINT)
    for _ in range(3):
        assert env.step(np.zeros(2, np.int64)).obs.shape == (2, 4)
    env.close()


def test_what_cannot_be_made():
    for env_id, config, words in (
        ("CartPole-v1", EnvConfig(atari=True), "Arcade Learning Environment"),
        ("Pendulum-v1", EnvConfig(vectorization="vector_entry_point"), "no vector class"),
    ):
        with pytest.raises(DiagnosticError, match=words) as caught:
            make(env_id, 1, config)
        assert code(caught) == "RLG607"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"terminal_on_life_loss": True}, "env.atari"),
        ({"vectorization": "vector_entry_point", "frame_stack": 4}, "env.frame_stack"),
        ({"vectorization": "fork"}, "sync, async"),
        ({"frame_stack": 0}, "at least 1"),
        ({"clip_rewards": -1.0}, "above 0"),
    ],
)
def test_settings_that_do_not_go_together(settings, words):
    with pytest.raises(DiagnosticError, match=words) as caught:
        EnvConfig(**settings)
    assert code(caught) == "RLG607"
