from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics.suggest import SlipIndex, edit_distance, nearest, suggestion

OPS = ["dense", "conv2d", "concat", "relu", "head", "tanh", "flatten", "detach"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("dnese", "dense"), ("denes", "dense"), ("rleu", "relu"), ("conv2", "conv2d"), ("HEAD", "head")],
)
def test_typos_find_their_name(typed, meant):
    assert nearest(typed, OPS) == meant


@pytest.mark.parametrize("typed", ["x", "transformer", "zz", ""])
def test_what_is_far_from_everything_gets_no_suggestion(typed):
    assert nearest(typed, OPS) is None


def test_a_swap_of_neighbours_is_one_edit():
    assert edit_distance("rleu", "relu", 3) == 1
    assert edit_distance("abc", "xyz", 1) == 2


@given(st.text("abcd", max_size=6), st.text("abcd", max_size=6))
def test_distance_is_symmetric_and_zero_only_for_equals(a, b):
    assert edit_distance(a, b, 9) == edit_distance(b, a, 9)
    assert (edit_distance(a, b, 9) == 0) == (a == b)


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("eglu", ["elu", "gelu"], "gelu"),  # a swap before a letter too many
        ("layr", ["lay", "layer"], "layer"),  # a missing letter before a letter too many
        ("p", ["pi", "v"], "pi"),
        ("Linear", OPS, "dense"),  # torch's name, where no spelling is near
        ("kernel_size", ["out", "kernel"], "kernel"),
    ],
)
def test_what_is_likeliest_comes_first(typed, known, meant):
    assert nearest(typed, known) == meant


@pytest.mark.parametrize(
    ("typed", "known", "certain"),
    [
        ("dnese", OPS, True),
        ("Dense", OPS, True),
        ("eglu", ["elu", "gelu"], False),  # two are as near
        ("p", ["pi", "v"], False),  # too short
        ("detahcc", OPS, False),  # two slips
        ("Linear", OPS, False),
    ],
)
def test_one_slip_from_one_name_of_some_length_is_certain(typed, known, certain):
    found = suggestion(typed, known)
    assert found is not None
    assert found.certain == certain


NAMES = st.text("abc", min_size=1, max_size=5)


@given(st.lists(NAMES, max_size=12), NAMES)
def test_the_index_finds_the_names_that_one_slip_explains(names, typed):
    index = SlipIndex()
    for name in dict.fromkeys(names):
        index.add(name)
    assert sorted(index.near(typed)) == sorted({name for name in names if edit_distance(name, typed, 1) <= 1})


@pytest.mark.parametrize(
    ("typed", "known"), [("enc2", "enc1"), ("enc", "enc1"), ("enc1", "enc"), ("q12", "q21"), ("ENC2", "enc1")]
)
def test_names_that_differ_only_in_digits_are_no_certain_slip(typed, known):
    found = suggestion(typed, [known])
    assert found is not None
    assert (found.name, found.certain) == (known, False)


def test_a_letter_beside_digits_can_be_a_certain_slip():
    found = suggestion("ebc1", ["enc1"])
    assert found is not None
    assert found.certain
