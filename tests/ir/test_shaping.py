"""Shapes, joins and parts: values by hand, kinds that are kept, symbols, refusals."""

from __future__ import annotations

import pytest
import torch

import rl2graph
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import Undecided, symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Vector
from tests.support import TWO

N, M = symbol("n"), symbol("m")
OBS = torch.arange(12.0).reshape(1, 3, 4)  # a batch of one


def inferred(op, *types, **attributes):
    return OPS[op].infer(types, dict(coerce_attributes(OPS[op], attributes)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reshape(obs, [2, -1])", lambda x: x.reshape(2, 6)),
        ("reshape(obs, 12)", lambda x: x.flatten()),
        ("permute(obs, [1, 0])", lambda x: x.T),
        ("permute(stack(obs, obs), [2, 0, -2])", lambda x: torch.stack((x, x)).permute(2, 0, 1)),
        ("slice(obs, 1, 3)", lambda x: x[:, 1:3]),
        ("slice(obs, 2)", lambda x: x[:, 2:]),
        ("slice(obs, -2, -1, axis=0)", lambda x: x[-2:-1]),
        ("select(obs, 1)", lambda x: x[1]),
        ("select(obs, -1, axis=1)", lambda x: x[:, -1]),
        ("pad(obs, [1, 2])", lambda x: torch.nn.functional.pad(x, (1, 2))),
        ("pad(obs, [0, 1, 2, 0], value=-1)", lambda x: torch.nn.functional.pad(x, (0, 1, 2, 0), value=-1.0)),
        ("unsqueeze(obs, 1)", lambda x: x.unsqueeze(1)),
        ("squeeze(unsqueeze(obs, -1), -1)", lambda x: x),
        ("repeat(obs, 2)", lambda x: torch.cat((x, x))),
        ("repeat(obs, 3, axis=-1)", lambda x: torch.cat((x, x, x), -1)),
        ("concat(obs, slice(obs, 0, 1), axis=-1)", lambda x: torch.cat((x, x[:, :1]), -1)),
    ],
)
def test_axes_are_those_of_the_sample(text, expected):
    model = rl2graph.compile(f"output y = {text}", observation_space=Vector((3, 4)), action_space=TWO)
    assert torch.equal(model(OBS)["y"][0], expected(OBS[0]))
    time = torch.stack((OBS, OBS + 12))
    assert torch.equal(model(time)["y"][1, 0], expected(OBS[0] + 12))


def test_kinds_are_kept():
    whole = TensorType("i64", (2, 3))
    assert inferred("flatten", whole) == TensorType("i64", (6,))
    assert inferred("reshape", whole, shape=[3, -1]) == TensorType("i64", (3, 2))
    assert inferred("concat", whole, whole) == TensorType("i64", (2, 6))
    assert inferred("select", TensorType("u8", (2, 3)), index=0) == TensorType("u8", (3,))
    with pytest.raises(TypeProblem) as caught:
        inferred("concat", f32(2, 3), whole)
    assert (caught.value.code, caught.value.argument) == ("RLG305", 1)


def test_dims_that_are_not_known():
    assert str(inferred("reshape", f32(N, 4), shape=[2, -1])) == "f32[2, 2 * n]"
    assert str(inferred("reshape", f32(N), shape=[-1, 4])) == "f32[n // 4, 4]"
    assert inferred("reshape", f32(N, M), shape=[4, 4]) == f32(4, 4)
    with pytest.raises(Undecided):  # it is assumed: n is 4
        inferred("reshape", f32(N, 4), shape=[2, 8])
    assert str(inferred("slice", f32(N), start=1, stop=-1)) == "f32[n - 2]"
    assert inferred("slice", f32(N), start=-3) == f32(3)
    assert str(inferred("pad", f32(N), sizes=[1, 2])) == "f32[n + 3]"
    assert str(inferred("repeat", f32(N), times=3)) == "f32[3 * n]"
    with pytest.raises(Undecided):
        inferred("squeeze", f32(N), axis=0)


@pytest.mark.parametrize(
    ("op", "shape", "attributes", "code", "argument"),
    [
        ("reshape", (2, 3), {"shape": [4, 2]}, "RLG301", "shape"),
        ("reshape", (2, 3), {"shape": [4, -1]}, "RLG301", "shape"),
        ("reshape", (2 * N + 1,), {"shape": [4, -1]}, "RLG301", "shape"),
        ("reshape", (2, 3), {"shape": [-1, -1]}, "RLG304", "shape"),
        ("reshape", (2, 3), {"shape": [0, -1]}, "RLG304", "shape"),
        ("reshape", (2, 3), {"shape": [-2, 3]}, "RLG304", "shape"),
        ("permute", (2, 3), {"axes": [0]}, "RLG304", "axes"),
        ("permute", (2, 3), {"axes": [0, -2]}, "RLG304", "axes"),
        ("permute", (2, 3), {"axes": [1, 2]}, "RLG304", "axes"),
        ("slice", (5,), {"start": 2, "stop": 2}, "RLG304", "stop"),
        ("slice", (5,), {"start": 2, "stop": 6}, "RLG304", "stop"),
        ("slice", (5,), {"start": -6, "stop": 2}, "RLG304", "start"),
        ("slice", (5,), {"start": 5}, "RLG304", "start"),
        ("slice", (N,), {"start": 3, "stop": 1}, "RLG304", "stop"),
        ("slice", (), {"start": 0}, "RLG302", "x"),
        ("select", (5, 2), {"index": 5}, "RLG304", "index"),
        ("select", (5, 2), {"index": -6}, "RLG304", "index"),
        ("select", (5, 2), {"index": 0, "axis": 2}, "RLG304", "axis"),
        ("pad", (5,), {"sizes": [1]}, "RLG304", "sizes"),
        ("pad", (5,), {"sizes": [1, 1, 1, 1]}, "RLG304", "sizes"),
        ("pad", (5,), {"sizes": [1, -1]}, "RLG304", "sizes"),
        ("pad", (), {"sizes": [1, 1]}, "RLG302", "x"),
        ("unsqueeze", (5,), {"axis": 2}, "RLG304", "axis"),
        ("squeeze", (5, 1), {"axis": 0}, "RLG301", "axis"),
        ("repeat", (5,), {"times": 0}, "RLG304", "times"),
        ("repeat", (), {"times": 2}, "RLG302", "x"),
    ],
)
def test_refusals(op, shape, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        inferred(op, f32(*shape), **attributes)
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_no_reshape_where_the_shape_is_the_same():
    model = rl2graph.compile(
        "output y = reshape(obs, [3, 4]) |> permute([0, 1]) |> relu",
        observation_space=Vector((3, 4)),
        action_space=TWO,
    )
    assert "unflatten" not in model.source
    assert "movedim" not in model.source
