"""Elementwise ops: numbers beside tensors, refusals, and torch's own modules."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import rl2graph
from rl2graph.backend.reference import interpret
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Vector
from tests.support import TWO, codes


def value(expression: str, obs: torch.Tensor) -> torch.Tensor:
    """What an expression gives, which the oracle gives too."""
    model = rl2graph.compile(
        f"output y = {expression}",
        observation_space=Vector((obs.shape[-1],)),
        action_space=TWO,
    )
    got = model(obs)["y"]
    want = interpret(model.graph, {"obs": obs}, {"": obs})["y"]  # the dtype is that of the weights
    assert got.dtype == want.dtype == obs.dtype
    assert torch.equal(got, want)
    return got


OBS = torch.tensor([[-1.5, -0.0, 0.0, 0.5, 2.0], [3.0, 0.5, -0.5, math.inf, -math.inf]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("minimum(obs, 0.5)", lambda x: torch.minimum(x, torch.full_like(x, 0.5))),
        ("minimum(0.5, obs)", lambda x: torch.minimum(x, torch.full_like(x, 0.5))),
        ("maximum(obs, -1)", lambda x: torch.maximum(x, torch.full_like(x, -1))),
        ("maximum(2, obs)", lambda x: torch.maximum(x, torch.full_like(x, 2))),
        ("greater(obs, 0.5)", lambda x: (x > 0.5).to(x.dtype)),
        ("greater(0.5, obs)", lambda x: (x < 0.5).to(x.dtype)),
        ("less_equal(obs, 0)", lambda x: (x <= 0).to(x.dtype)),
        ("equal(0, obs)", lambda x: (x == 0).to(x.dtype)),
        ("where(obs, obs, -1)", lambda x: torch.where(x == 0, -1.0, x)),
        ("where(greater(obs, 0), 1, 0)", lambda x: (x > 0).to(x.dtype)),
        ("where(1, obs, 0)", lambda x: x),
        ("where(0.0, obs, 2)", lambda x: torch.full_like(x, 2)),
        ("where(-1, 2, obs)", lambda x: torch.full_like(x, 2)),
        ("where(0, relu(obs), obs)", lambda x: x),
        ("clip(obs, -1, 1)", lambda x: x.clamp(-1, 1)),
    ],
)
def test_numbers_stand_beside_tensors(text, expected, dtype):
    obs = OBS.to(dtype)
    assert torch.equal(value(text, obs), expected(obs))


def test_what_is_not_a_number_compares_with_nothing_and_goes_through_a_minimum():
    obs = torch.full((1, 1), math.nan)
    graph = rl2graph.compile(
        "output a = equal(obs, obs), b = minimum(obs, 1)", observation_space=Vector((1,)), action_space=TWO
    )
    got = graph(obs)
    assert got["a"].item() == 0
    assert math.isnan(got["b"].item())


def test_where_a_number_chooses_the_value_has_the_shape_of_both():
    obs = torch.randn(2, 3)
    model = rl2graph.compile(
        "output y = where(1, sum(obs), obs)", observation_space=Vector((3,)), action_space=TWO
    )
    assert torch.equal(model(obs)["y"], obs.sum(-1, keepdim=True).expand(2, 3))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("output y = clip(obs, 1, -1)", "RLG304"),
        ("output y = clip(obs, low=0.5)", "RLG204"),
        ("output y = minimum(obs, dense(obs, 3))", "RLG301"),
        ("output y = where(obs, dense(obs, 4), dense(obs, 3))", "RLG301"),
        ("output y = maximum(1, 2)", "RLG305"),
        ("output y = softmax(obs, axis=1)", "RLG304"),
        ("output y = softmax(sum(obs))", "RLG302"),
        ("output y = equal(argmax(obs), 1)", "RLG305"),
    ],
)
def test_refusals(text, code):
    assert codes(text) == [code]


def test_the_operand_at_fault_is_named():
    with pytest.raises(TypeProblem) as caught:
        OPS["where"].infer((f32(2), f32(2, 3), f32(2)), {})
    assert (caught.value.code, caught.value.argument) == ("RLG301", "x")
    with pytest.raises(TypeProblem) as caught:
        OPS["where"].infer((TensorType("i64", ()), f32(), f32()), {})
    assert (caught.value.code, caught.value.argument) == ("RLG305", "condition")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("relu", nn.ReLU()),
        ("tanh", nn.Tanh()),
        ("sigmoid", nn.Sigmoid()),
        ("silu", nn.SiLU()),
        ("gelu", nn.GELU()),
        ("mish", nn.Mish()),
        ("softplus", nn.Softplus()),
        ("elu", nn.ELU()),
        ("leaky_relu", nn.LeakyReLU()),
        ("softmax", nn.Softmax(dim=-1)),
        ("log_softmax", nn.LogSoftmax(dim=-1)),
    ],
)
def test_activations_are_those_of_torch(name, module):
    obs = torch.randn(6, 5) * 3
    model = rl2graph.compile(f"output y = {name}(obs)", observation_space=Vector((5,)), action_space=TWO)
    assert torch.equal(model(obs)["y"], module(obs))


def test_whole_numbers_bound_a_clip():
    assert coerce_attributes(OPS["clip"], {"low": -1, "high": 1}) == (("low", -1.0), ("high", 1.0))
