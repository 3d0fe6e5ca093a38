"""A model with parameters of every kind comes back from its pickle."""

import pickle

import pytest

import rl2graph
from rl2graph.spaces import Discrete, Vector


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("def g(x) = dense(x, 3)\nparam p = g\npi = head(p(obs))", {}),
        ("param p = [1, 2.5]\npi = head(p[1] * dense(obs, p[0]))", {}),
        ("param p = [1, 2.5]\npi = head(p[1] * dense(obs, p[0]))", {"p": [2, 3.5]}),
    ],
)
def test_a_pickle_keeps_its_parameters(text, params):
    spaces = {"observation_space": Vector((4,)), "action_space": Discrete(2)}
    model = rl2graph.compile(text, **spaces, params=params)
    again = pickle.loads(pickle.dumps(model))
    assert again.source == model.source
