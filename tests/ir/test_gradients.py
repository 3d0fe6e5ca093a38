from __future__ import annotations

import pytest
import torch

import rl2graph
from rl2graph.spaces import Vector
from tests.support import TWO

FINITE = torch.tensor([[0.0, -0.0, 1e-45, -1e-45, 0.1, -0.3, 1.7, -3.4e38, 3.4e38]])


@pytest.mark.parametrize("scale", [0.0, 0.1, 1, 3.0, 1e30, -1.0, -0.7])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_scaled_gradient_leaves_every_bit_of_the_value(scale, dtype):
    model = rl2graph.compile(
        f"output y = scale_grad(obs, {scale})", observation_space=Vector((9,)), action_space=TWO
    )
    obs = FINITE.to(dtype)
    obs = obs[obs.isfinite()].reshape(1, -1).requires_grad_()
    got = model(obs)["y"]
    assert torch.equal(got.detach().view(torch.uint8), obs.detach().view(torch.uint8))
    (gradient,) = torch.autograd.grad(got.sum(), obs)
    assert torch.equal(gradient, torch.full_like(obs, scale))


def test_the_gradient_is_scaled_under_functional_transforms_too():
    model = rl2graph.compile(
        "output y = scale_grad(obs, 0.5) |> square |> sum", observation_space=Vector((3,)), action_space=TWO
    )
    obs = torch.randn(4, 3)
    per_sample = torch.func.vmap(torch.func.grad(lambda x: model(x)["y"]))(obs)
    torch.testing.assert_close(per_sample, obs)
