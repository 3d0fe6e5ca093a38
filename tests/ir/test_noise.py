"""Ops that draw noise: what given noise does, and that none makes them deterministic."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
import torch.nn.functional as F

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import run


def test_dropout_keeps_what_the_noise_lets_through():
    x, mask = torch.tensor([[1.0, 1.5, 3.0, 4.0]]), torch.tensor([[0.2, 0.25, 0.9, 0.0]])
    assert run("dropout", x, p=0.25, noise={"mask": mask})["y"].tolist() == [[0.0, 2.0, 4.0, 0.0]]
    assert run("dropout", x, p=0.25)["y"].tolist() == x.tolist()


def test_dropout_keeps_the_mean():
    mask = torch.rand(20_000, 5, generator=torch.Generator().manual_seed(0))
    mean = run("dropout", torch.ones(20_000, 5), p=0.3, noise={"mask": mask})["y"].mean()
    assert float(mean) == pytest.approx(1.0, abs=0.01)


def test_noise_of_a_scale():
    x, normal = torch.tensor([[1.0, 2.0]]), torch.tensor([[-1.0, 0.5]])
    assert run("noise", x, std=2.0, noise={"normal": normal})["y"].tolist() == [[-1.0, 3.0]]
    assert run("noise", x, std=2.0)["y"].tolist() == x.tolist()


def test_noisy_dense_by_hand():
    weights = {
        "weight": torch.tensor([[1.0, 2.0]]),
        "bias": torch.tensor([10.0]),
        "weight_sigma": torch.tensor([[0.5, 0.25]]),
        "bias_sigma": torch.tensor([2.0]),
    }
    x = torch.tensor([[1.0, 1.0], [2.0, 0.0]])
    noise = {"in": torch.tensor([4.0, -9.0]), "out": torch.tensor([-1.0])}
    # f(in) = [2, -3], f(out) = -1: weights [1 - 0.5 * 2, 2 + 0.25 * 3], bias 10 - 2
    assert run("noisy_dense", x, out=1, weights=weights, noise=noise)["y"].tolist() == [[10.75], [8.0]]
    assert run("noisy_dense", x, out=1, weights=weights)["y"].tolist() == [[13.0], [12.0]]


def test_noisy_dense_starts_as_in_the_paper():
    attributes = dict(coerce_attributes(OPS["noisy_dense"], {"out": 3}))
    weights = {w.name: w for w in OPS["noisy_dense"].weights((f32(16),), attributes)}
    assert {name: w.shape for name, w in weights.items()} == {
        "weight": (3, 16),
        "bias": (3,),
        "weight_sigma": (3, 16),
        "bias_sigma": (3,),
    }
    assert all(str(weights[name].init) == f"uniform({1 / sqrt(16):g})" for name in ("weight", "bias"))
    assert all(str(weights[f"{name}_sigma"].init) == "constant(0.125)" for name in ("weight", "bias"))
    assert OPS["noisy_dense"].weights((f32(symbol("n")),), attributes)[0].shape[0] == 3


def test_random_shift_crops_the_padded_image():
    x = torch.arange(2 * 5 * 4, dtype=torch.float32).reshape(1, 2, 5, 4)
    padded = F.pad(x, (2, 2, 2, 2), mode="replicate")
    for row in range(5):
        for column in range(5):
            noise = torch.tensor([[(row + 0.5) / 5, (column + 0.5) / 5]])
            shifted = run("random_shift", x, pad=2, noise={"offset": noise})["y"]
            assert torch.equal(shifted, padded[..., row : row + 5, column : column + 4])
    assert torch.equal(run("random_shift", x, pad=2)["y"], x)


def test_random_shift_stays_inside_for_the_largest_noise():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    largest = torch.full((1, 2), 1 - 2**-24)
    for pad in range(12):
        shifted = run("random_shift", x, pad=pad, noise={"offset": largest})["y"]
        assert torch.equal(shifted, F.pad(x, (0, pad, 0, pad), mode="replicate")[..., pad:, pad:])


@pytest.mark.parametrize(
    ("name", "shape", "attributes", "code", "argument"),
    [
        ("dropout", (4,), {"p": 1.0}, "RLG304", "p"),
        ("dropout", (4,), {"p": -0.1}, "RLG304", "p"),
        ("noise", (4,), {"std": -1.0}, "RLG304", "std"),
        ("noisy_dense", (2, 3, 4), {"out": 1}, "RLG302", "x"),
        ("random_shift", (4, 4), {}, "RLG302", "x"),
        ("random_shift", (1, 4, 4), {"pad": -1}, "RLG304", "pad"),
    ],
)
def test_what_does_not_fit_is_refused(name, shape, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        OPS[name].infer((f32(*shape),), dict(coerce_attributes(OPS[name], attributes)))
    assert (caught.value.code, caught.value.argument) == (code, argument)
