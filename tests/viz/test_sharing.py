from __future__ import annotations

from rl2graph.viz.sharing import share
from tests.viz.cases import both, pair


def test_computations_are_recognised_in_both_graphs():
    before, after = share(*pair("shared"))
    assert before.written == (1, 2, 2, 2, 2, 1, 2, 2, 2, 2, 1)
    assert before.ordinal == (1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 1)
    assert before.first[6:10] == (1, 2, 3, 4)
    assert after.written == (1, 2, 2, 2, 2, 1, 1)
    assert before.groups == after.groups == ("f",)
    assert after.group == (None, 0, 0, 0, 0, None, None)


def test_outputs_that_depend_on_a_node():
    before, after = share(*pair("shared"))
    assert before.readers[1] == ("pi",)
    assert after.readers[1] == ("pi", "v")
    assert after.readers[0] == ("pi", "v")


def test_twins_share_nothing():
    before, _ = share(*both("pi = head(mlp(obs)); v = head(mlp(obs))"))
    assert set(before.written) == {1}
    assert before.groups == ()


def test_weights_read_on_two_operands_are_one_group_but_do_not_merge():
    before, after = share(*both("encoder f(x) = dense(x, 4); output y = f(obs) - f(obs * 2)"))
    assert set(before.written) == {1}
    assert before.groups == ("f",)
    assert sum(after.again) == 1


def test_a_group_is_named_after_its_weights_and_not_after_one_use():
    before, after = share(*both("encoder f(x) = mlp(x); e = f(obs); pi = head(e); v = head(f(obs))"))
    assert before.groups == after.groups == ("f",)


def test_two_modules_are_two_groups():
    before, _ = share(*pair("net"))
    assert before.groups == ("f", "g")
