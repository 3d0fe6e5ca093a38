"""The shared encoder is computed once: counted at torch's dispatcher, in training, without gradients, and in
the exported program."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import rl2graph
from rl2graph.model.export import export
from tests.support import SHARED, TWO, VECTOR, example

PRODUCTS = ("addmm", "mm", "linear")


class Count(TorchDispatchMode):
    """Counts the operators that reach the dispatcher below autograd."""

    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))

    @property
    def products(self):
        return sum(self.calls[name] for name in PRODUCTS)


def model(level, text=SHARED):
    return rl2graph.compile(text, observation_space=VECTOR, action_space=TWO, level=level)


# The encoder has two products, each head one.
@pytest.mark.parametrize(("level", "expected"), [(0, 2 + 2 + 1 + 1), (1, 2 + 1 + 1)])
@pytest.mark.parametrize("grad", [True, False], ids=["training", "no_grad"])
def test_products_of_a_forward(level, expected, grad):
    with torch.set_grad_enabled(grad), Count() as count:
        model(level)(example(VECTOR))
    assert count.products == expected


def test_products_of_a_backward():
    counts = []
    for level in (0, 1):
        outputs = model(level)(example(VECTOR))
        loss = outputs["pi"].square().sum() + outputs["v"].square().sum()
        with Count() as count:
            loss.backward()
        counts.append(count.products)
    # Two products per layer (weight and input gradient), one for the first layer, whose input needs none.
    assert counts == [2 * (2 * 3 - 1), 2 * 4 - 1]


@pytest.mark.parametrize(("level", "expected"), [(0, 6), (1, 4)])
def test_products_of_the_exported_program(level, expected):
    program = export(model(level))
    calls = Counter(node.target.__name__ for node in program.graph.nodes if node.op == "call_function")
    assert sum(n for name, n in calls.items() if name.split(".")[0] in PRODUCTS) == expected
    obs = example(VECTOR, batch=5)
    for name, value in program.module()(obs).items():
        assert torch.equal(value, model(level)(obs)[name])


def test_two_equal_networks_stay_two():
    twins = model(1, "pi = head(mlp(obs)); v = head(mlp(obs))")
    with Count() as count:
        twins(example(VECTOR))
    assert count.products == 6
    assert not torch.equal(twins.pi.dense.weight, twins.v.dense.weight)


def test_levels_agree_bit_for_bit_and_in_float64_gradients():
    literal, merged = model(0), model(1)
    obs = example(VECTOR, batch=64)
    for name, value in literal(obs).items():
        assert torch.equal(value, merged(obs)[name])
    grads = []
    for net in (literal.double(), merged.double()):
        outputs = net(obs.double())
        (outputs["pi"].logsumexp(-1).sum() + outputs["v"].square().sum()).backward()
        grads.append([p.grad for p in net.parameters()])
    for one, other in zip(*grads, strict=True):
        assert (one - other).abs().max() <= 1e-10
