"""Heads: torch's layers, and what they leave to the action space."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import one, run

X = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))


WIDTHS = {
    "categorical": "choices",
    "qvalues": "choices",
    "atoms": "choices",
    "quantiles": "choices",
    "gaussian": "dims",
    "squashed_gaussian": "dims",
    "deterministic": "dims",
}


def test_what_of_the_action_space_gives_a_width():
    widths = {name: {a.name: a.action for a in OPS[name].attributes}["n"] for name in WIDTHS}
    assert widths == WIDTHS


@pytest.mark.parametrize("name", ["atoms", "quantiles"])
def test_distributions_of_returns_are_rows_of_a_linear_layer(name):
    layer = nn.Linear(5, 4 * 7)
    value = run(name, X, n=4, weights=layer.state_dict(), **{name: 7})["y"]
    assert torch.equal(value, layer(X).view(3, 4, 7))


def test_a_squashed_gaussian_has_the_two_layers_of_its_papers_code():
    mean, log_std = nn.Linear(5, 2), nn.Linear(5, 2)
    weights = {name: torch.cat([getattr(mean, name), getattr(log_std, name)]) for name in ("weight", "bias")}
    value = run("squashed_gaussian", X, n=2, low=-0.1, high=0.2, weights=weights)["y"]
    wanted = torch.cat([mean(X), torch.clamp(log_std(X), -0.1, 0.2)], dim=-1)
    assert torch.allclose(value, wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("probabilities", "mean"),
    [([1.0, 0.0, 0.0], -2.0), ([0.0, 1.0, 0.0], 1.0), ([0.0, 0.5, 0.5], 2.5), ([0.25, 0.25, 0.5], 1.75)],
)
def test_the_mean_of_atoms_by_hand(probabilities, mean):
    logits = torch.tensor([probabilities, probabilities]).log().clamp(min=-100)
    assert run("atoms_mean", logits, low=-2, high=4)["y"].tolist() == pytest.approx([mean, mean])


def test_the_mean_of_atoms_of_every_action():
    logits = torch.randn(3, 4, 51)
    support = torch.linspace(-10, 10, 51)
    wanted = (logits.softmax(-1) * support).sum(-1)
    assert torch.allclose(run("atoms_mean", logits, low=-10, high=10)["y"], wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("op", "given", "argument"),
    [
        ("atoms", {"n": 2, "low": 10.0}, "low"),
        ("atoms", {"n": 2, "high": -10}, "high"),
        ("atoms", {"n": 2, "low": 1, "high": 0}, "high"),
        ("atoms", {"n": 2, "atoms": 1}, "atoms"),
        ("squashed_gaussian", {"n": 2, "low": 3.0}, "low"),
        ("atoms_mean", {"low": 1, "high": 1}, "high"),
    ],
)
def test_a_support_that_is_empty_is_refused(op, given, argument):
    with pytest.raises(TypeProblem) as caught:
        one(op, X, **given)
    assert (caught.value.code, caught.value.argument) == ("RLG304", argument)


def test_one_atom_has_no_support():
    with pytest.raises(TypeProblem) as caught:
        OPS["atoms_mean"].infer((f32(4, 1),), {"low": 0.0, "high": 1.0})
    assert caught.value.code == "RLG301"
