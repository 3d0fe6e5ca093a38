"""Losses against torch's own, one number per sample."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import rl2graph
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Vector
from tests.support import TWO, codes


def loss(text, obs):
    model = rl2graph.compile(
        f"t = sigmoid(obs * 2 - 1)\noutput y = {text}",
        observation_space=Vector(tuple(obs.shape[1:])),
        action_space=TWO,
    )
    return model(obs)["y"], torch.sigmoid(obs * 2 - 1)


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("mse(obs, t)", nn.MSELoss()),
        ("huber(obs, t)", nn.HuberLoss()),
        ("huber(obs, t, delta=0.3)", nn.HuberLoss(delta=0.3)),
        ("binary_cross_entropy(obs, t)", nn.BCEWithLogitsLoss()),
        ("cross_entropy(obs, t)", nn.CrossEntropyLoss()),
    ],
)
def test_each_sample_has_the_loss_that_torch_gives_it(text, module, shape):
    obs = torch.randn(5, *shape) * 2
    got, target = loss(text, obs)
    want = torch.stack([module(x, t) for x, t in zip(obs, target, strict=True)])
    torch.testing.assert_close(got, want)


def test_operands_of_different_shapes_are_joined_without_a_warning(recwarn):
    obs = torch.randn(5, 3, 4)
    got, target = loss("huber(obs, select(t, 0))", obs)
    want = [nn.HuberLoss()(x, t[:1].expand(3, 4)) for x, t in zip(obs, target, strict=True)]
    torch.testing.assert_close(got, torch.stack(want))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("output y = huber(obs, 2 * obs, delta=0)", "RLG304"),
        ("output y = cross_entropy(obs, dense(obs, 3))", "RLG301"),
        ("output y = cross_entropy(sum(obs), sum(obs))", "RLG302"),
        ("output y = binary_cross_entropy(obs, sum(obs))", "RLG301"),
        ("output y = huber(obs, dense(obs, 3))", "RLG301"),
    ],
)
def test_refusals(text, code):
    assert codes(text) == [code]


def test_an_index_is_no_target_but_can_be_made_one():
    with pytest.raises(TypeProblem) as caught:
        OPS["cross_entropy"].infer((f32(4), TensorType("i64", ())), {})
    assert (caught.value.code, caught.value.argument) == ("RLG305", "target")
    assert "one_hot" in str(caught.value.hint)
