"""Spaces of every kind through `Environments`: what goes in, what comes out, in each way of resetting."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from hypothesis import given, settings
from hypothesis import strategies as st

from rl2graph.memory.trees import leaves, map_tree
from rl2graph.spaces import Box, Discrete, MultiBinary, MultiDiscrete, leaves_of
from rl2graph.workers.environments import Environments
from tests.workers.structured import ACTIONS, OBSERVATIONS, Structured, observed, structured_vector

MODES = list(AutoresetMode)


def drawn(space, batch, random):
    """A batch of actions as agents give them: a tree of choices from 0, and of floats."""
    if hasattr(space, "fields"):
        return {name: drawn(part, batch, random) for name, part in space.fields}
    match space:
        case Discrete():
            return random.integers(space.n, size=batch)
        case MultiDiscrete():
            return random.integers(space.counts, size=(batch, len(space.counts)))
        case MultiBinary():
            return random.integers(2, size=(batch, space.n))
        case Box():
            return random.normal(size=(batch, *space.shape)).astype(np.float32)


def as_ours(space, value):
    """A single value of a gymnasium space as a tree, said again without the code under test."""
    if isinstance(space, spaces.Dict):
        return {str(key): as_ours(part, value[key]) for key, part in space.items()}
    if isinstance(space, spaces.Tuple):
        return {str(i): as_ours(part, value[i]) for i, part in enumerate(space)}
    return value


def rows(tree, slot):
    return [(path, leaf[slot].tolist()) for path, leaf in leaves(tree)]


def expected(space, slot, episode, t):
    tree = as_ours(space, observed(space, slot, episode, t))
    return [(path, np.asarray(leaf, np.float32).tolist()) for path, leaf in leaves(tree)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", sorted(OBSERVATIONS))
def test_observations_and_final_observations_of_every_space(kind, mode):
    space = OBSERVATIONS[kind]
    env = Environments(structured_vector(mode, space, spaces.Discrete(2)))
    obs = env.reset(0)
    places = [(0, 0)] * 2
    for _ in range(9):
        for slot, place in enumerate(places):
            assert rows(obs, slot) == expected(space, slot, *place)
        step = env.step(np.zeros(2, np.int64))
        for slot, (episode, t) in enumerate(places):
            if not step.valid[slot]:
                places[slot] = (episode + 1, 0)
                continue
            ended = step.terminated[slot] or step.truncated[slot]
            assert ended == (t == 1)
            if ended:
                assert rows(step.final_obs, slot) == expected(space, slot, episode, 2)
            resets_now = ended and mode is not AutoresetMode.NEXT_STEP
            places[slot] = (episode + 1, 0) if resets_now else (episode, t + 1)
        obs = step.obs


def test_leaves_have_the_dtypes_of_their_spaces_and_are_copies():
    env = Environments(structured_vector(AutoresetMode.SAME_STEP, OBSERVATIONS["nested"], spaces.Discrete(2)))
    first = env.reset(0)
    assert {path: (leaf.dtype.name, leaf.shape) for path, leaf in leaves(first)} == {
        ("eye",): ("uint8", (2, 4, 5, 3)),
        ("body", "0"): ("float32", (2, 3)),
        ("body", "1", "z"): ("uint8", (2, 4, 5, 3)),
        ("body", "1", "left arm"): ("int64", (2, 2, 3)),
    }
    before = rows(first, 0)
    env.step(np.zeros(2, np.int64))
    assert rows(first, 0) == before


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_actions_of_every_space_reach_the_environment_as_its_own(kind, mode):
    vector = structured_vector(mode, OBSERVATIONS["box"], ACTIONS[kind])
    env = Environments(vector)
    env.reset(0)
    random = np.random.default_rng(7)
    for _ in range(6):
        env.step(drawn(env.action_space, 2, random))  # `Structured` refuses what its space does not contain
    assert all(len(each.actions) >= 4 for each in vector.envs)


def test_an_action_of_nested_parts_number_by_number():
    vector = structured_vector(AutoresetMode.SAME_STEP, OBSERVATIONS["box"], ACTIONS["nested"])
    env = Environments(vector)
    env.reset(0)
    action = {
        "gripper": np.array([0, 2]),
        "arms": {
            "0": np.array([[-3.0, 9.0], [0.5, -1.0]], np.float32),
            "1": {"f": np.array([[0, 1, 2, 3], [5, 4, 3, 2]])},
        },
    }
    env.step(action)
    given = [each.actions[0] for each in vector.envs]
    assert [(each["gripper"], each["arms"][0].tolist(), each["arms"][1]["f"].tolist()) for each in given] == [
        (5, [-1.0, 5.0], [[-2, -1], [0, 1]]),
        (7, [0.5, 0.0], [[3, 2], [1, 0]]),
    ]
    assert action["arms"]["0"].tolist() == [[-3.0, 9.0], [0.5, -1.0]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ["sync", "async"])
def test_vectors_that_gymnasium_makes(how, mode):
    gymnasium.register("Structured-v0", Structured, disable_env_checker=True, order_enforce=False)
    try:
        vector = gymnasium.make_vec(
            "Structured-v0", 2, vectorization_mode=how, vector_kwargs={"autoreset_mode": mode}
        )
    finally:
        del gymnasium.registry["Structured-v0"]
    env = Environments(vector)
    random = np.random.default_rng(3)
    try:
        space = OBSERVATIONS["nested"]
        assert rows(env.reset(0), 1) == expected(space, 0, 0, 0)
        env.step(drawn(env.action_space, 2, random))
        step = env.step(drawn(env.action_space, 2, random))
        assert step.terminated.all()
        assert rows(step.final_obs, 1) == expected(space, 0, 0, 2)
        if mode is AutoresetMode.NEXT_STEP:
            step = env.step(drawn(env.action_space, 2, random))
        assert rows(step.obs, 1) == expected(space, 0, 1, 0)
    finally:
        env.close()


def test_a_single_environment_of_parts_is_a_batch_of_one():
    env = Environments(Structured())
    assert rows(env.reset(0), 0) == expected(OBSERVATIONS["nested"], 0, 0, 0)
    random = np.random.default_rng(0)
    env.step(drawn(env.action_space, 1, random))
    step = env.step(drawn(env.action_space, 1, random))
    assert rows(step.final_obs, 0) == expected(OBSERVATIONS["nested"], 0, 0, 2)
    assert rows(step.obs, 0) == expected(OBSERVATIONS["nested"], 0, 1, 0)


def test_final_observations_that_a_vector_environment_batches_itself():
    class Batched(gymnasium.vector.VectorWrapper):
        def step(self, actions):
            *others, info = self.env.step(actions)
            if "final_obs" in info:
                stacked = gymnasium.vector.utils.concatenate(
                    self.single_observation_space,
                    list(info["final_obs"]),
                    gymnasium.vector.utils.create_empty_array(self.single_observation_space, 2),
                )
                info["final_obs"] = stacked
            return (*others, info)

    space = OBSERVATIONS["nested"]
    env = Environments(Batched(structured_vector(AutoresetMode.SAME_STEP, space, spaces.Discrete(2))))
    env.reset(0)
    env.step(np.zeros(2, np.int64))
    step = env.step(np.zeros(2, np.int64))
    assert rows(step.final_obs, 1) == expected(space, 1, 0, 2)


LEAVES = st.sampled_from(
    [space for name, space in ACTIONS.items() if name not in ("tuple", "dict", "nested")]
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4)
RANDOM_SPACES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(spaces.Tuple),
        st.dictionaries(NAMES, parts, min_size=1, max_size=3).map(spaces.Dict),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(RANDOM_SPACES, st.integers(0, 2**32 - 1))
def test_what_an_agent_gives_lies_in_random_nested_spaces(space, seed):
    vector = structured_vector(AutoresetMode.SAME_STEP, OBSERVATIONS["box"], space)
    env = Environments(vector)
    env.reset(0)
    action = drawn(env.action_space, 2, np.random.default_rng(seed))
    assert [path for path, _ in leaves(action)] == [path for path, _ in leaves_of(env.action_space)]
    env.step(action)  # `Structured` refuses what its space does not contain


def counted_from_zero(space, value):
    """A single action of a gymnasium space as agents give it."""
    match space:
        case spaces.Dict():
            return {str(key): counted_from_zero(part, value[key]) for key, part in space.items()}
        case spaces.Tuple():
            return {str(i): counted_from_zero(part, value[i]) for i, part in enumerate(space)}
        case spaces.Discrete():
            return value - space.start
        case spaces.Box() if space.dtype.kind == "f":
            return value.astype(np.float32)
        case spaces.Box():
            return (value - space.low).reshape(-1)
        case spaces.MultiDiscrete():
            return (value - space.start).reshape(-1)
    return value.reshape(-1)


@settings(max_examples=60, deadline=None)
@given(RANDOM_SPACES, st.integers(0, 2**31 - 1))
def test_samples_of_random_nested_spaces_come_back_to_the_environment(space, seed):
    space.seed(seed)
    samples = [space.sample(), space.sample()]
    ours = [counted_from_zero(space, sample) for sample in samples]
    vector = structured_vector(AutoresetMode.SAME_STEP, OBSERVATIONS["box"], space)
    env = Environments(vector)
    env.reset(0)
    env.step(map_tree(lambda *rows: np.stack(rows), *ours))
    for each, sample in zip(vector.envs, samples, strict=True):
        got, wanted = (list(leaves(as_ours(space, action))) for action in (each.actions[0], sample))
        for (path, value), (wanted_path, wanted_value) in zip(got, wanted, strict=True):
            assert path == wanted_path
            np.testing.assert_allclose(value, wanted_value, rtol=1e-6)


def has_numbers_without_an_axis(space):
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return any(map(has_numbers_without_an_axis, parts))
    return isinstance(space, spaces.Box) and space.shape == ()


@settings(max_examples=60, deadline=None)
@given(RANDOM_SPACES.filter(lambda space: not has_numbers_without_an_axis(space)))
def test_random_nested_spaces_are_observed_part_by_part(space):
    env = Environments(structured_vector(AutoresetMode.DISABLED, space, spaces.Discrete(2)))
    obs = env.reset(0)
    assert [path for path, _ in leaves(obs)] == [path for path, _ in leaves_of(env.observation_space)]
    for slot in range(2):
        found, wanted = rows(obs, slot), expected(space, slot, 0, 0)
        for (path, value), (wanted_path, wanted_value) in zip(found, wanted, strict=True):
            assert path == wanted_path
            np.testing.assert_allclose(value, wanted_value, rtol=1e-6)
    for (_, leaf), (_, type_) in zip(leaves(obs), leaves_of(env.observation_space), strict=True):
        assert leaf.shape == (2, *type_.tensor_type.dims)
