"""From gymnasium's spaces to those of the language, and their text."""

import re

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from rl2graph.compiler.type_names import space_from_text
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import (
    Box,
    Discrete,
    Image,
    MultiBinary,
    MultiDiscrete,
    Record,
    Vector,
    action_space,
    leaves_of,
    observation_space,
)

PIXELS = spaces.Box(0, 255, (3, 8, 8), np.uint8)
BOX = spaces.Box(-1.0, 1.0, (2,))


def test_dicts_and_tuples_are_records_in_their_order():
    space = spaces.Dict({"z": BOX, "a": spaces.Tuple((spaces.Discrete(3, start=1), PIXELS))})
    parts = list(space.spaces)
    converted = observation_space(space)
    assert [name for name, _ in converted.fields] == parts
    assert dict(leaves_of(converted)) == {
        ("z",): Vector((2,)),
        ("a", "0"): Discrete(3, 1),
        ("a", "1"): Image((3, 8, 8)),
    }
    assert action_space(spaces.Tuple((spaces.Discrete(3), BOX))) == Record(
        (("0", Discrete(3)), ("1", Box((2,), (-1.0, -1.0), (1.0, 1.0))))
    )


@pytest.mark.parametrize(
    ("space", "observation", "action"),
    [
        (
            spaces.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 0], [0, -2]]),
            MultiDiscrete((2, 3, 4, 5), (1, 0, 0, -2), (2, 2)),
            MultiDiscrete((2, 3, 4, 5)),
        ),
        (spaces.MultiDiscrete([2, 3]), MultiDiscrete((2, 3)), MultiDiscrete((2, 3))),
        (spaces.MultiBinary((2, 3)), MultiBinary(6, (2, 3)), MultiBinary(6)),
        (spaces.MultiBinary(4), MultiBinary(4), MultiBinary(4)),
        (spaces.Box(-2, 3, (2,), np.int8), Vector((2,)), MultiDiscrete((6, 6))),
        (spaces.Box(0, 255, (2,), np.uint8), Vector((2,)), MultiDiscrete((256, 256))),
        (
            spaces.Box(np.array([0, 5]), np.array([1, 9]), dtype=np.int64),
            Vector((2,)),
            MultiDiscrete((2, 5)),
        ),
    ],
)
def test_choices_in_several_axes_with_a_start_and_whole_numbers(space, observation, action):
    assert observation_space(space) == observation
    assert action_space(space) == action


@pytest.mark.parametrize(
    ("convert", "space", "words"),
    [
        (action_space, PIXELS, "an image is no action"),
        (action_space, spaces.Dict({"eye": PIXELS, "arm": BOX}), "the part `eye` of the action space"),
        (action_space, spaces.Box(0, 256, (2,), np.int64), "one choice of at most 256"),
        (action_space, spaces.Box(-1.0, 1.0, ()), "it has no axis; write it as a Box of shape (1,)"),
        (observation_space, spaces.Box(-1.0, 1.0, ()), "it has no axis"),
        (observation_space, spaces.Box(-1.0, 1.0, (0,)), "it has no elements"),
        (observation_space, spaces.Box(0, 255, (3, 0, 8), np.uint8), "it has no elements"),
        (observation_space, spaces.Dict({}), "Dict() is not supported: it has no parts"),
        (
            observation_space,
            spaces.Tuple(
                (BOX, spaces.Tuple(())),
            ),
            "the part `1` of the observation space",
        ),
        (observation_space, spaces.Dict({"a": spaces.Dict({"b": spaces.Text(3)})}), "the part `a.b`"),
        (observation_space, spaces.Dict([(1, BOX), ("1", BOX)]), "two of its parts are called `1`"),
        (observation_space, spaces.Sequence(BOX), "is not supported"),
        (action_space, Vector((3,)), "written `box[3]`"),
        (action_space, Record((("a", Record(())),)), "the part `a` of the action space, {}"),
    ],
)
def test_what_is_not_served_is_refused_with_the_reason(convert, space, words):
    with pytest.raises(DiagnosticError, match=re.escape(words)) as caught:
        convert(space)
    assert [found.code for found in caught.value.diagnostics] == ["RLG502"]
    assert "wrapper" in caught.value.diagnostics[0].hint


COUNTS = st.integers(1, 9)
ACTIONS = st.one_of(
    COUNTS.map(Discrete),
    st.lists(COUNTS, min_size=1, max_size=3).map(lambda counts: MultiDiscrete(tuple(counts))),
    COUNTS.map(MultiBinary),
    st.lists(COUNTS, min_size=1, max_size=3).map(lambda shape: Box(tuple(shape))),
)
OBSERVATIONS = st.one_of(
    ACTIONS.filter(lambda space: not isinstance(space, Box)),
    st.lists(COUNTS, max_size=3).map(lambda shape: Vector(tuple(shape))),
    st.tuples(COUNTS, COUNTS).map(MultiBinary.of),
    st.tuples(COUNTS, COUNTS, COUNTS).map(Image),
)


def records_of(leaves):
    names = st.one_of(
        st.sampled_from(
            ["input", "head", "in", "return", "true", "f32", "left arm", "0", 'a"b', "back\\slash", "é", "_"]
        ),
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=5),
    )
    return st.recursive(
        leaves,
        lambda parts: st.dictionaries(names, parts, min_size=1, max_size=3).map(
            lambda fields: Record(tuple(fields.items()))
        ),
        max_leaves=5,
    )


@settings(max_examples=200, deadline=None)
@given(records_of(ACTIONS))
def test_an_action_space_is_read_back_from_its_text(space):
    assert action_space(space_from_text(str(space), "--act")) == space


@settings(max_examples=200, deadline=None)
@given(records_of(OBSERVATIONS))
def test_an_observation_space_is_read_back_from_its_text(space):
    assert observation_space(space_from_text(str(space), "--obs")) == space
