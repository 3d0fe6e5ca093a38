"""Convolution and pooling against torch's own modules, and what they refuse."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import run

SEQUENCE = torch.randn(5, 3, 9, generator=torch.Generator().manual_seed(0))
IMAGE = torch.randn(5, 3, 7, 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "module", "attributes", "x"),
    [
        ("conv1d", nn.Conv1d(3, 4, 3, 2, 1), {"out": 4, "kernel": 3, "stride": 2, "padding": 1}, SEQUENCE),
        ("conv2d", nn.Conv2d(3, 4, 3, 2, 1), {"out": 4, "kernel": 3, "stride": 2, "padding": 1}, IMAGE),
        (
            "conv_transpose2d",
            nn.ConvTranspose2d(3, 4, 4, 3, 1, 2),
            {"out": 4, "kernel": 4, "stride": 3, "padding": 1, "output_padding": 2},
            IMAGE,
        ),
        ("max_pool1d", nn.MaxPool1d(3, 1, 1), {"kernel": 3, "stride": 1, "padding": 1}, SEQUENCE),
        ("max_pool2d", nn.MaxPool2d(3), {"kernel": 3}, IMAGE),
        ("avg_pool1d", nn.AvgPool1d(3, 2, 1), {"kernel": 3, "stride": 2, "padding": 1}, SEQUENCE),
        ("avg_pool2d", nn.AvgPool2d(3, 1, 1), {"kernel": 3, "stride": 1, "padding": 1}, IMAGE),
        ("adaptive_avg_pool2d", nn.AdaptiveAvgPool2d((3, 4)), {"size": [3, 4]}, IMAGE),
        ("adaptive_max_pool2d", nn.AdaptiveMaxPool2d(8), {"size": 8}, IMAGE),
    ],
)
def test_torchs_module_has_the_same_weights_and_values(name, module, attributes, x):
    torch.testing.assert_close(run(name, x, weights=module.state_dict(), **attributes)["y"], module(x))


def infer(name, *shape, **attributes):
    return OPS[name].infer((f32(*shape),), dict(coerce_attributes(OPS[name], attributes)))


@pytest.mark.parametrize(
    ("name", "shape", "attributes", "code", "argument"),
    [
        ("conv1d", (3,), {"out": 1, "kernel": 1}, "RLG302", "x"),
        ("conv1d", (3, 4), {"out": 1, "kernel": 5}, "RLG301", "kernel"),
        ("avg_pool1d", (3, 4), {"kernel": 3, "padding": 2}, "RLG304", "padding"),
        (
            "conv_transpose2d",
            (3, 4, 4),
            {"out": 1, "kernel": 3, "output_padding": 1},
            "RLG304",
            "output_padding",
        ),
        ("conv_transpose2d", (3, 1, 4), {"out": 1, "kernel": 2, "padding": 1}, "RLG301", "padding"),
        ("adaptive_avg_pool2d", (3, 4, 4), {"size": [1, 2, 3]}, "RLG304", "size"),
        ("adaptive_max_pool2d", (3, 4, 4), {"size": []}, "RLG304", "size"),
        ("adaptive_max_pool2d", (4, 4), {"size": 1}, "RLG302", "x"),
    ],
)
def test_what_does_not_fit_is_refused(name, shape, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        infer(name, *shape, **attributes)
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_sides_of_unknown_length():
    n = symbol("n")
    assert str(infer("conv1d", 3, n, out=4, kernel=3, stride=2)) == "f32[4, (n - 3) // 2 + 1]"
    assert (
        str(infer("conv_transpose2d", 3, n, n, out=4, kernel=3, stride=2)) == "f32[4, 2 * n + 1, 2 * n + 1]"
    )
    assert str(infer("adaptive_avg_pool2d", 3, n, n, size=2)) == "f32[3, 2, 2]"


def test_counts_of_a_transposed_convolution():
    flops = OPS["conv_transpose2d"].flops((f32(3, 5, 4),), {"out": 2, "kernel": 4}, f32(2, 12, 10))
    assert flops == 2 * (3 * 5 * 4) * (2 * 4 * 4)
