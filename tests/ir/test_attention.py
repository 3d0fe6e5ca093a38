"""Attention against torch's own module, and with masks that leave nothing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rl2graph.backend.reference import interpret
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import one, run


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


X, CONTEXT = normal(3, 5, 8), normal(3, 4, 8, seed=1)
MASK = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0]])


def weights_of(module):
    return {name.replace(".", "_"): value for name, value in module.state_dict().items()}


def module(bias=True):
    torch.manual_seed(0)
    made = nn.MultiheadAttention(8, 2, bias=bias, batch_first=True)
    for value in made.parameters():
        nn.init.normal_(value)
    return made


@pytest.mark.parametrize("bias", [True, False])
def test_self_attention_is_torchs(bias):
    made = module(bias)
    expected, _ = made(X, X, X, need_weights=False)
    result = run("attention", X, heads=2, bias=bias, weights=weights_of(made))["y"]
    torch.testing.assert_close(result, expected)


def test_causal_attention_is_torchs():
    made = module()
    later = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected, _ = made(X, X, X, attn_mask=later, need_weights=False)
    result = run("attention", X, heads=2, causal=True, weights=weights_of(made))["y"]
    torch.testing.assert_close(result, expected)


def test_attention_to_a_masked_context_is_torchs():
    made = module()
    expected, _ = made(X, CONTEXT, CONTEXT, key_padding_mask=MASK == 0, need_weights=False)
    result = run("attention", X, CONTEXT, MASK, heads=2, weights=weights_of(made))["y"]
    torch.testing.assert_close(result, expected)


def test_its_own_context_is_no_context():
    made = module()
    once = run("attention", X, heads=2, weights=weights_of(made))["y"]
    torch.testing.assert_close(run("attention", X, X, heads=2, weights=weights_of(made))["y"], once)


@pytest.mark.parametrize("causal", [False, True])
def test_where_a_mask_leaves_nothing_the_last_bias_is_left_and_gradients_are_finite(causal):
    made = module()
    mask = torch.tensor([[0.0] * 5, [0.0, 0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 1.0, 0.0]])
    x = X.clone().requires_grad_()
    result = run("attention", x, x, mask, heads=2, causal=causal, weights=weights_of(made))["y"]
    empty = [(0, i) for i in range(5)] + ([(1, 0), (1, 1)] if causal else [])
    for row in empty:
        torch.testing.assert_close(result[row], made.out_proj.bias)
    (gradient,) = torch.autograd.grad(result.square().sum(), x)
    assert gradient.isfinite().all()
    graph = one("attention", X, X, mask, heads=2, causal=causal)
    weights = {f"w.{name}": value for name, value in weights_of(made).items()}
    wanted = interpret(graph, {"x0": X, "x1": X, "x2": mask}, weights)["y"]
    torch.testing.assert_close(result, wanted)


def test_what_it_counts():
    attributes = dict(coerce_attributes(OPS["attention"], {"heads": 2}))
    flops = OPS["attention"].flops((f32(5, 8), f32(4, 8)), attributes, f32(5, 8))
    projections = 2 * 8 * 8 * (5 + 4 + 4 + 5)
    assert flops == projections + 2 * (2 * 5 * 4 * 8)


@pytest.mark.parametrize(
    ("shapes", "attributes", "code", "argument"),
    [
        ([(4,)], {"heads": 2}, "RLG302", "x"),
        ([(5, 8)], {"heads": 3}, "RLG304", "heads"),
        ([(5, 8), (8,)], {"heads": 2}, "RLG302", "context"),
        ([(5, 8), (4, 6)], {"heads": 2}, "RLG301", "context"),
        ([(5, 8), (4, 8)], {"heads": 2, "causal": True}, "RLG301", "causal"),
        ([(5, 8), (4, 8), (5,)], {"heads": 2}, "RLG301", "mask"),
        ([(5, 8), (5, 8), (5, 1)], {"heads": 2}, "RLG302", "mask"),
    ],
)
def test_what_does_not_fit_is_refused(shapes, attributes, code, argument):
    op = OPS["attention"]
    with pytest.raises(TypeProblem) as caught:
        op.infer([f32(*shape) for shape in shapes], dict(coerce_attributes(op, attributes)))
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_vectors_of_unknown_number_and_width():
    op, type_ = OPS["attention"], f32(symbol("n"), symbol("e"))
    attributes = dict(coerce_attributes(op, {"heads": 4, "causal": True}))
    assert op.infer((type_,), attributes) == type_
    shapes = {weight.name: f32(*weight.shape) for weight in op.weights((type_,), attributes)}
    assert str(shapes["in_proj_weight"]) == "f32[3 * e, e]"
