"""Settings of the whole suite."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from rl2graph.ir.table import OPS

settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _own_op_table():
    """What a test registers is gone after it."""
    before = dict(OPS)
    yield
    if before.keys() != OPS.keys():
        from rl2graph.backend.reference.semantics import SEMANTICS

        for name in OPS.keys() - before.keys():
            del OPS[name], SEMANTICS[name]
        for name in [name for name in sys.modules if name.startswith("rl2graph_user_ops_")]:
            del sys.modules[name]


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Two workers on two cores: more torch threads would only get in each other's way."""
    import torch

    torch.set_num_threads(1)
