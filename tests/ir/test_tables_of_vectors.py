"""Embeddings and free weights."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.model.weights import initial_weight
from tests.ir.single import run


@pytest.mark.parametrize("shape", [(4,), (4, 2)])
def test_an_embedding_of_integers_and_of_one_hot_vectors_is_torchs(shape):
    made = nn.Embedding(6, 3)
    x = torch.randint(6, shape, generator=torch.Generator().manual_seed(0))
    weights = made.state_dict()
    torch.testing.assert_close(run("embedding", x, out=3, n=6, weights=weights)["y"], made(x))
    one_hot = F.one_hot(x, 6).float()
    torch.testing.assert_close(run("embedding", one_hot, out=3, weights=weights)["y"], made(x))


def test_an_embedding_starts_as_torchs():
    attributes = dict(coerce_attributes(OPS["embedding"], {"out": 8}))
    (weight,) = OPS["embedding"].weights((f32(500),), attributes)
    value = initial_weight(0, "e", weight)
    assert value.shape == (500, 8)
    assert float(value.std()) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("type_", "attributes", "code", "argument"),
    [
        (TensorType("i64", ()), {"out": 2}, "RLG204", "n"),
        (f32(4), {"out": 2, "n": 5}, "RLG301", "n"),
        (f32(), {"out": 2}, "RLG302", "x"),
        (TensorType("u8", (4,)), {"out": 2}, "RLG305", "x"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(type_, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        OPS["embedding"].infer((type_,), dict(coerce_attributes(OPS["embedding"], attributes)))
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_an_embedding_of_an_unknown_number_of_things():
    attributes = dict(coerce_attributes(OPS["embedding"], {"out": 2}))
    n = symbol("n")
    assert OPS["embedding"].infer((f32(n),), attributes) == f32(2)
    assert OPS["embedding"].weights((f32(n),), attributes)[0].shape == (n, 2)


def parameter(**given):
    attributes = dict(coerce_attributes(OPS["parameter"], given))
    return OPS["parameter"].infer((), attributes), OPS["parameter"].weights((), attributes)[0]


@pytest.mark.parametrize(
    ("given", "init"),
    [
        ({"shape": [3]}, "constant(0)"),
        ({"shape": 3, "value": 2}, "constant(2)"),
        ({"shape": [2, 3], "init": "normal", "value": 0.5}, "normal(0.5)"),
        ({"shape": [2, 3], "init": "orthogonal"}, "orthogonal(1)"),
        ({"shape": [], "init": "normal", "value": 0.5}, "normal(0.5)"),
    ],
)
def test_a_parameter_starts_by_its_rule(given, init):
    type_, weight = parameter(**given)
    shape = type_.dims
    assert (weight.name, str(weight.init), weight.shape) == ("value", init, shape)
    assert initial_weight(0, "p", weight).shape == shape


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"shape": [3], "init": "orthogonal"}, "init"),
        ({"shape": [], "init": "kaiming_uniform"}, "init"),
        ({"shape": [3], "init": "normal", "value": -1.0}, "value"),
        ({"shape": [3], "init": "nomal"}, "init"),
        ({"shape": [3, 0]}, "shape"),
    ],
)
def test_parameters_that_cannot_start_are_refused(given, argument):
    with pytest.raises(TypeProblem) as caught:
        parameter(**given)
    assert (caught.value.code, caught.value.argument) == ("RLG304", argument)
