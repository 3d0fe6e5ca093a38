"""Reductions by hand, and where they refuse."""

from __future__ import annotations

import math

import pytest
import torch

import rl2graph
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Vector
from tests.support import TWO, codes


def value(expression: str) -> torch.Tensor:
    model = rl2graph.compile(f"output y = {expression}", observation_space=Vector((2, 3)), action_space=TWO)
    return model(torch.tensor([[[1.0, 2.0, 6.0], [-1.0, 5.0, 2.0]]]))["y"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(obs)", [9.0, 6.0]),
        ("sum(obs, 0)", [0.0, 7.0, 8.0]),
        ("mean(obs, axis=-2)", [0.0, 3.5, 4.0]),
        ("mean(obs, keepdim=true)", [[3.0], [2.0]]),
        ("amax(obs)", [6.0, 5.0]),
        ("amin(obs, axis=0, keepdim=true)", [[-1.0, 2.0, 2.0]]),
        ("var(obs)", [7.0, 9.0]),
        ("var(obs, correction=0)", [14 / 3, 6.0]),
        ("argmax(obs)", [2, 1]),
        ("argmax(obs, axis=0)", [0, 1, 0]),
        ("logsumexp(log(sum(square(obs), axis=0)))", math.log(2 + 29 + 40)),
    ],
)
def test_by_hand(text, expected):
    got = value(text)
    torch.testing.assert_close(got, torch.tensor(expected, dtype=got.dtype))


def test_the_index_of_the_largest_is_an_integer():
    assert OPS["argmax"].infer((f32(2, 3),), {"axis": -1}) == TensorType("i64", (2,))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("output y = sum(obs, axis=1)", "RLG304"),
        ("output y = mean(obs, axis=-2)", "RLG304"),
        ("output y = sum(sum(obs))", "RLG302"),
        ("output y = sum(argmax(stack(obs, obs)))", "RLG305"),
        ("output y = var(sum(obs, keepdim=true))", "RLG304"),
        ("output y = var(obs, correction=-1)", "RLG304"),
    ],
)
def test_refusals(text, code):
    assert codes(text) == [code]


def test_the_variance_of_one_element_is_that_of_a_population():
    with pytest.raises(TypeProblem) as caught:
        OPS["var"].infer((f32(4, 1),), {"axis": -1, "keepdim": False, "correction": 1})
    assert "correction=0" in str(caught.value.hint)
    assert OPS["var"].infer((f32(4, 1),), {"axis": -1, "keepdim": True, "correction": 0}) == f32(4, 1)
