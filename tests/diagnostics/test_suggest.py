from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rl2graph.diagnostics.suggest import edit_distance, nearest

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
