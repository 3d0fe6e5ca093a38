"""Distributions, against `torch.distributions` and by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, Categorical, Normal, TanhTransform

from rl2graph.ir.dims import Undecided, symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import run

MANY = 20_000


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def uniform(*shape, seed=0):
    return {"uniform": torch.rand(shape, generator=torch.Generator().manual_seed(seed))}


LOGITS = normal(3, 5)


def test_log_probabilities_and_entropy_of_choices():
    choice = torch.tensor([4, 0, 2])
    act = torch.nn.functional.one_hot(choice, 5).float()
    torch_s = Categorical(logits=LOGITS)
    assert torch.allclose(run("categorical_log_prob", LOGITS, act)["y"], torch_s.log_prob(choice))
    assert torch.allclose(run("categorical_entropy", LOGITS)["y"], torch_s.entropy())


def test_groups_of_choices_are_independent():
    act = torch.tensor([[0.0, 1, 0, 0, 1]]).expand(3, 5)
    first, second = Categorical(logits=LOGITS[:, :2]), Categorical(logits=LOGITS[:, 2:])
    wanted = first.log_prob(torch.tensor(1)) + second.log_prob(torch.tensor(2))
    assert torch.allclose(run("categorical_log_prob", LOGITS, act, counts=(2, 3))["y"], wanted)
    entropy = run("categorical_entropy", LOGITS, counts=(2, 3))["y"]
    assert torch.allclose(entropy, first.entropy() + second.entropy())


def test_choices_come_as_often_as_they_should():
    logits = torch.tensor([0.5, 0.2, 0.3, 0.9, 0.1]).log().expand(MANY, 5)
    sample = run("categorical_sample", logits, counts=(3, 2), noise=uniform(MANY, 5))["y"]
    assert set(sample.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(sample[:, :3].sum(-1), torch.ones(MANY))
    assert sample.mean(0).tolist() == pytest.approx([0.5, 0.2, 0.3, 0.9, 0.1], abs=0.015)


def test_without_noise_the_first_of_the_likeliest_choices():
    logits = torch.tensor([[1.0, 2.0, 2.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    assert run("categorical_sample", logits)["y"].tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]
    assert run("categorical_sample", logits, counts=(2, 2))["y"].tolist() == [[0, 1, 1, 0], [1, 0, 1, 0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_what_a_mask_forbids_never_happens_and_stays_finite(dtype):
    logits = torch.tensor([[50.0, -60.0, 3.0, 0.0]], dtype=dtype, requires_grad=True)
    mask = torch.tensor([[0.0, 1.0, 1.0, 0.0]], dtype=dtype)
    lowest = torch.finfo(dtype).min / 4
    masked = torch.where(mask != 0, logits, lowest)
    if dtype is torch.float32:
        assert torch.equal(masked, run("masked", logits, mask)["y"])
    assert masked.softmax(-1).tolist()[0][::3] == [0.0, 0.0]
    assert torch.isfinite(2 * masked.log_softmax(-1)).all()


def test_masked_choices():
    logits = torch.tensor([[50.0, -60.0, 3.0, 0.0]], requires_grad=True)
    mask = torch.tensor([[0.0, 1.0, 1.0, 0.0]])
    masked = run("masked", logits, mask)["y"]
    entropy = run("categorical_entropy", masked)["y"]
    assert entropy.item() == pytest.approx(Categorical(logits=logits[:, 1:3]).entropy().item())
    (gradient,) = torch.autograd.grad(entropy.sum(), logits)
    assert torch.isfinite(gradient).all()
    assert gradient[0, ::3].tolist() == [0.0, 0.0]
    forbidden = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    assert torch.isfinite(2 * run("categorical_log_prob", masked, forbidden)["y"]).all()
    least = {"uniform": torch.tensor([[0.999, 0.0, 0.0, 0.999]])}  # noise may be zero
    assert run("categorical_sample", masked, noise=least)["y"].argmax() == 2


def test_zeros_and_ones():
    act = (normal(3, 5, seed=1) > 0).float()
    torch_s = Bernoulli(logits=LOGITS)
    assert torch.allclose(run("bernoulli_log_prob", LOGITS, act)["y"], torch_s.log_prob(act).sum(-1))
    assert torch.allclose(run("bernoulli_entropy", LOGITS)["y"], torch_s.entropy().sum(-1))
    logits = torch.tensor([0.1, 0.5, 0.8]).logit().expand(MANY, 3)
    sample = run("bernoulli_sample", logits, noise=uniform(MANY, 3))["y"]
    assert sample.mean(0).tolist() == pytest.approx([0.1, 0.5, 0.8], abs=0.015)
    assert run("bernoulli_sample", logits[:1])["y"].tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("logit", [-1e4, 1e4, torch.finfo(torch.float32).min / 4])
def test_zeros_and_ones_that_are_certain(logit):
    logits = torch.full((1, 2), logit)
    act = (logits > 0).float()
    assert run("bernoulli_log_prob", logits, act)["y"].item() == 0.0
    assert run("bernoulli_entropy", logits)["y"].item() == 0.0


def test_a_gaussian():
    params, act = normal(3, 4), normal(3, 2, seed=1)
    torch_s = Normal(params[:, :2], params[:, 2:].exp())
    log_prob = run("gaussian_log_prob", params, act)["y"]
    assert torch.allclose(log_prob, torch_s.log_prob(act).sum(-1), atol=1e-5)
    assert torch.allclose(run("gaussian_entropy", params)["y"], torch_s.entropy().sum(-1))
    noise = normal(3, 2, seed=2)
    sample = run("gaussian_sample", params, noise={"normal": noise})["y"]
    assert torch.allclose(sample, torch_s.loc + torch_s.scale * noise)
    assert torch.equal(run("gaussian_sample", params)["y"], torch_s.loc)


def test_what_squashing_takes_from_a_density():
    u = 3 * normal(3, 2)
    wanted = TanhTransform().log_abs_det_jacobian(u, torch.tanh(u)).sum(-1)
    assert torch.allclose(run("tanh_log_det", u)["y"], wanted, atol=1e-5)
    far = torch.tensor([[40.0], [-40.0], [0.0]])
    exact = 2 * math.log(2) - 80
    assert run("tanh_log_det", far)["y"].tolist() == pytest.approx([exact, exact, 0.0])


@pytest.mark.parametrize(
    ("op", "types", "attributes", "code", "argument"),
    [
        ("categorical_sample", (f32(2, 3),), {"counts": None}, "RLG302", "logits"),
        ("categorical_sample", (f32(5),), {"counts": (2, 2)}, "RLG301", "counts"),
        ("categorical_sample", (f32(5),), {"counts": ()}, "RLG301", "counts"),
        ("categorical_sample", (f32(symbol("n")),), {"counts": ()}, "RLG301", "counts"),
        ("categorical_log_prob", (f32(5), f32(4)), {"counts": None}, "RLG301", "act"),
        ("categorical_log_prob", (f32(5), f32()), {"counts": None}, "RLG301", "act"),
        ("gaussian_sample", (f32(5),), {}, "RLG301", "params"),
        ("gaussian_log_prob", (f32(6), f32(6)), {}, "RLG301", "act"),
        ("masked", (f32(2, 3), f32(3)), {}, "RLG301", "mask"),
    ],
)
def test_what_does_not_fit_is_refused(op, types, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        OPS[op].infer(types, attributes)
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_widths_that_are_not_known():
    n = symbol("n")
    assert OPS["gaussian_sample"].infer((f32(2 * n),), {}) == f32(n)
    assert OPS["gaussian_sample"].infer((f32(n),), {}) == f32(n // 2)
    assert OPS["gaussian_log_prob"].infer((f32(2 * n), f32(n)), {}) == f32()
    with pytest.raises(Undecided):
        OPS["gaussian_log_prob"].infer((f32(n), f32(3)), {})
    with pytest.raises(Undecided):
        OPS["categorical_sample"].infer((f32(n),), {"counts": (2, 3)})
