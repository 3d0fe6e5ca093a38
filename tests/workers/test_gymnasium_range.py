"""What differs between the ends of the range of gymnasium releases (`make test-floor`)."""

import pytest
from gymnasium.vector import AutoresetMode

from rl2graph.workers import Environments
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.registry import make
from tests.workers.tiny import tiny_vector


def test_batches_of_one_class_that_reset_differently_do_not_mistake_each_others_mode():
    vectors = {mode: tiny_vector(mode) for mode in AutoresetMode}
    for mode, vector in vectors.items():
        assert Environments(vector).mode is mode


@pytest.mark.parametrize("vectorization", ["sync", "async", "vector_entry_point"])
def test_two_runs_of_one_class_at_once(vectorization):
    trained, evaluated = (make("CartPole-v1", 2, EnvConfig(vectorization=vectorization)) for _ in range(2))
    assert trained.mode is evaluated.mode
    trained.reset(0)
    evaluated.reset(0)
    trained.close()
    evaluated.close()
