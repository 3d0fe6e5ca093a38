"""What is said of dims that have no size."""

import pytest

import rl2graph
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector

SPACES = {"observation_space": Vector((4,)), "action_space": Discrete(2)}
TEXT = "input goal: f32[k, j]\noutput y = dense(goal, 3)"


def test_open_dims_are_named():
    with pytest.raises(DiagnosticError) as caught:
        rl2graph.compile(TEXT, **SPACES)
    (found,) = caught.value.diagnostics
    assert found.code == "RLG508"
    assert found.message.endswith("gives a size (`j`, `k`)")
    assert found.hint == "write a number for each, or `param j = 4` above its use"


def test_the_hint_is_right():
    assert rl2graph.compile(f"param j = 4\nparam k = 4\n{TEXT}", **SPACES).outputs


def test_spaces_that_are_missing_are_asked_for():
    with pytest.raises(DiagnosticError) as caught:
        rl2graph.compile("pi = head(mlp(obs))", action_space=Discrete(2))
    assert caught.value.diagnostics[0].hint == "give the environment, or the observation space (--obs)"
