from __future__ import annotations

import pytest

from rl2graph.spaces import Image
from rl2graph.viz.labels import call, counted, flops, short_op, shorten
from tests.support import graph_of


@pytest.mark.parametrize(
    ("text", "short", "full"),
    [
        (
            "conv2d(obs, 16, kernel=3, padding=1)",
            "conv2d 16 3x3 /1 p1",
            "conv2d(out=16, kernel=3, padding=1)",
        ),
        ("conv2d(obs, 32, kernel=8, stride=4)", "conv2d 32 8x8 /4", "conv2d(out=32, kernel=8, stride=4)"),
        ("max_pool2d(obs, 2)", "max_pool2d 2x2", "max_pool2d(kernel=2)"),
        ("max_pool2d(obs, 3, stride=2)", "max_pool2d 3x3 /2", "max_pool2d(kernel=3, stride=2)"),
        ("flatten(obs) |> dense(4, bias=false)", "dense 4 bias=false", "dense(out=4, bias=false)"),
        ("leaky_relu(obs, 0.2)", "leaky_relu slope=0.2", "leaky_relu(slope=0.2)"),
        ("concat(obs, obs, axis=0)", "concat axis=0", "concat(axis=0)"),
        ("concat(obs, obs)", "concat", "concat"),
        (
            'parameter([2, 3], init="normal", value=0.125)',
            'parameter [2, 3] init="normal" value=0.125',
            'parameter(shape=[2, 3], init="normal", value=0.125)',
        ),
    ],
)
def test_ops(text, short, full):
    node = graph_of(f"output y = {text}", Image((4, 84, 84))).nodes[-1]
    assert (short_op(node), call(node)) == (short, full)


def test_counts():
    assert counted(1, "param") == "1 param"
    assert counted(1280, "param") == "1,280 params"
    assert [flops(n) for n in (0, 999, 1000, 17_982, 999_600, 18_700_000)] == [
        "0 FLOP",
        "999 FLOP",
        "1.00 kFLOP",
        "18.0 kFLOP",
        "1.00 MFLOP",
        "18.7 MFLOP",
    ]


@pytest.mark.parametrize("length", [5, 8, 9])
def test_shortened_names_keep_both_ends(length):
    text = shorten("encoder.block_17.dense", length)
    assert len(text) == length
    assert text[:2] == "en"
    assert text[-2:] == "se"
    assert shorten("pi", length) == "pi"
