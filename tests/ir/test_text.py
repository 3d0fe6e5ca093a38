"""The text that ops emit: short where torch's defaults say the same."""

from __future__ import annotations

import pytest
import torch

from rl2graph.backend.codegen import emit_module
from rl2graph.ir.ops.text import tuple_of
from tests.ir.single import one

X = torch.zeros(2, 5)
INDICES = torch.zeros(2, 2, dtype=torch.int64)


@pytest.mark.parametrize(
    ("graph", "text"),
    [
        (one("elu", X), "F.elu(x0)"),
        (one("elu", X, alpha=0.5), "F.elu(x0, 0.5)"),
        (one("pad", X, sizes=(1, 2)), "F.pad(x0, (1, 2))"),
        (one("pad", X, sizes=(1, 2), value=-0.0), "F.pad(x0, (1, 2), value=-0.0)"),
        (one("one_hots", INDICES, counts=(3, 4)), "3), F.one_hot(x0[..., 1], 4)), dim=-1)"),
        (one("categorical_log_prob", X, X), "(torch.log_softmax(x0, dim=-1) * x1)"),
        (
            one("categorical_log_prob", X, X, counts=(2, 3)),
            "_in_groups(torch.log_softmax, x0, [2, 3], dim=-1)",
        ),
    ],
)
def test_the_text_of_an_op(graph, text):
    assert text in emit_module(graph, "Only")


def test_a_tuple_of_one_has_a_comma():
    assert [tuple_of(()), tuple_of((1,)), tuple_of((1, "n"))] == ["()", "(1,)", "(1, n)"]
