"""RMSprop against Stable-Baselines3's copy of TensorFlow's: `make test-extras` installs it."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
import torch
from torch import nn

from rl2graph.agents.optimiser import make_optimiser


def peer(module):
    """A module of a peer; where `make test-extras` runs, it has to be there."""
    return import_module(module) if os.environ.get("TEST_EXTRAS") else pytest.importorskip(module)


def test_rmsprop_is_the_peers_with_a_rate_for_each_group():
    theirs_type = peer("stable_baselines3.common.sb2_compat.rmsprop_tf_like").RMSpropTFLike
    generator = torch.Generator().manual_seed(0)
    start = {"a": torch.randn(4, 3, generator=generator), "b": torch.randn(4, generator=generator)}
    ours, theirs = ({key: nn.Parameter(p.clone()) for key, p in start.items()} for _ in range(2))
    optimiser = make_optimiser("rmsprop", ours, learning_rate=0.1, learning_rates={"b": 0.02}, eps=1e-3)
    groups = [{"params": [theirs["a"]], "lr": 0.1}, {"params": [theirs["b"]], "lr": 0.02}]
    sb3 = theirs_type(groups, alpha=0.99, eps=1e-3)
    for number in range(20):
        optimiser.anneal(1 - number / 20)
        for group, rate in zip(sb3.param_groups, (0.1, 0.02), strict=True):
            group["lr"] = rate * (1 - number / 20)
        # From tiny to large: where eps stands, and what the average starts from, both tell.
        scale = 10.0 ** (number % 5 - 3)
        grads = {key: torch.randn(p.shape, generator=generator) * scale for key, p in ours.items()}
        for key, p in theirs.items():
            p.grad = grads[key].clone()
        sb3.step()
        with torch.no_grad():
            optimiser.step([grads[key] for key in ours])
    for key, p in ours.items():
        torch.testing.assert_close(p, theirs[key], rtol=1e-6, atol=1e-7)
        assert (p - start[key]).abs().max() > 0.1
        average = sb3.state[theirs[key]]["square_avg"]
        torch.testing.assert_close(optimiser.tensors()[f"square_avg.{key}"], average, rtol=1e-6, atol=1e-9)
