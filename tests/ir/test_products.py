"""Products, lengths and casts by hand, and where they refuse."""

from __future__ import annotations

import pytest
import torch

import rl2graph
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Vector
from tests.support import TWO, codes

MATRIX = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def value(text):
    model = rl2graph.compile(f"output y = {text}", observation_space=Vector((2, 3)), action_space=TWO)
    return model(torch.stack((MATRIX, -MATRIX)))["y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("matmul(obs, permute(obs, [1, 0]))", [[14.0, 32.0], [32.0, 77.0]]),
        ("matmul(select(obs, 0), permute(obs, [1, 0]))", [14.0, 32.0]),
        ("matmul(obs, select(obs, 1))", [32.0, 77.0]),
        ("matmul(select(obs, 0), select(obs, 1))", 32.0),
    ],
)
def test_products_are_of_each_sample(text, expected):
    expected = torch.tensor(expected)
    torch.testing.assert_close(value(text), torch.stack((expected, expected)))


def test_vectors_of_length_one():
    got = value("normalize(obs)")
    torch.testing.assert_close(got[0], torch.nn.functional.normalize(MATRIX, dim=-1))
    torch.testing.assert_close(got.norm(dim=-1), torch.ones(2, 2))
    assert not value("normalize(obs * 0)").any()


def test_casts_drop_what_is_behind_the_point():
    got = value('cast(obs / 4 - 1, "i64")')
    assert got.dtype == torch.int64
    assert got[0].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert value('cast(obs * 0.9, "i64")')[1].tolist() == [[0, -1, -2], [-3, -4, -5]]
    assert value('one_hot(cast(select(obs, 0), "i64"), n=7, start=-3)')[1].argmax(-1).tolist() == [2, 1, 0]
    assert value('cast(argmax(obs), "f32")').dtype == torch.float32


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("output y = matmul(obs, obs)", "RLG301"),
        ("output y = matmul(obs, unsqueeze(obs, 0))", "RLG302"),
        ("output y = matmul(sum(sum(obs)), obs)", "RLG302"),
        ("output y = matmul(obs, argmax(obs))", "RLG305"),
        ("output y = normalize(obs, eps=-1)", "RLG304"),
        ('output y = cast(obs, "int")', "RLG304"),
        ("output y = one_hot(obs, 3)", "RLG305"),
    ],
)
def test_refusals(text, code):
    assert codes(text, Vector((2, 3))) == [code]


def test_floats_are_told_how_to_become_integers():
    with pytest.raises(TypeProblem) as caught:
        OPS["one_hot"].infer((f32(3),), {"n": 3, "start": 0})
    assert "cast" in str(caught.value.hint)
    assert OPS["cast"].infer((TensorType("u8", (3,)),), {"dtype": "i64"}) == TensorType("i64", (3,))
