from math import sqrt

import pytest
import torch
from torch import nn

from rl2graph.agents.optimiser import make_optimiser
from rl2graph.diagnostics import DiagnosticError

KINDS = ["adam", "rmsprop"]


def parameters(seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = {"a.weight": (3, 2), "a.bias": (3,), "b.weight": (1, 3), "b.log_std": (1,)}
    return {key: nn.Parameter(torch.randn(shape, generator=generator)) for key, shape in shapes.items()}


def gradients(count, seed=1):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        yield {key: torch.randn(p.shape, generator=generator) for key, p in parameters().items()}


def stepped(optimiser, grads):
    with torch.no_grad():
        optimiser.step([grads[key].clone() for key in optimiser.parameters])


def test_adam_is_torchs_adam_with_a_rate_for_each_group():
    ours, theirs = parameters(), parameters()
    own = {"b.weight": 0.05, "b.log_std": 0.05, "a.bias": 0.2}
    optimiser = make_optimiser("adam", ours, learning_rate=0.01, learning_rates=own, eps=1e-5)
    groups = [{"params": [p], "lr": own.get(key, 0.01)} for key, p in theirs.items()]
    torchs = torch.optim.Adam(groups, eps=1e-5)
    for number, grads in enumerate(gradients(6)):
        factor = 1 - number / 6
        optimiser.anneal(factor)
        stepped(optimiser, grads)
        for group, (key, p) in zip(torchs.param_groups, theirs.items(), strict=True):
            group["lr"] = own.get(key, 0.01) * factor
            p.grad = grads[key]
        torchs.step()
    for key, p in ours.items():
        torch.testing.assert_close(p, theirs[key], rtol=1e-6, atol=1e-7)
        state = torchs.state[theirs[key]]
        torch.testing.assert_close(optimiser.tensors()[f"exp_avg_sq.{key}"], state["exp_avg_sq"])


def test_rmsprop_is_the_papers_with_eps_inside_the_root_and_ones_at_first():
    weight = nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))
    optimiser = make_optimiser("rmsprop", {"w": weight}, learning_rate=0.5, eps=0.1)
    # g = 0.99 * 1 + 0.01 * 4 = 1.03;            0.99 * 1 + 0.01 * 0 = 0.99
    stepped(optimiser, {"w": torch.tensor([2.0, 0.0], dtype=torch.float64)})
    first = [1 - 0.5 * 2 / sqrt(1.13), 2.0]
    assert weight.tolist() == pytest.approx(first, abs=1e-12)
    # g = 0.99 * 1.03 + 0.01 * 100 = 2.0197;     0.99 * 0.99 + 0.01 * 9 = 1.0701
    stepped(optimiser, {"w": torch.tensor([-10.0, 3.0], dtype=torch.float64)})
    second = [first[0] + 0.5 * 10 / sqrt(2.1197), 2 - 0.5 * 3 / sqrt(1.1701)]
    assert weight.tolist() == pytest.approx(second, abs=1e-12)
    assert optimiser.tensors()["square_avg.w"].tolist() == pytest.approx([2.0197, 1.0701], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_step_for_a_graph_is_the_fast_step(kind):
    sides = []
    for _ in range(2):
        weights = parameters()
        sides.append(make_optimiser(kind, weights, learning_rate=0.1, learning_rates={"a.weight": 0.3}))
    fast, graph = sides
    for grads in gradients(5):
        for optimiser in sides:
            optimiser.anneal(0.5)
        stepped(fast, grads)
        with torch.no_grad():
            graph.step_in_graph(graph.parameters, grads, graph.tensors(), torch.tensor(True))
    for key, p in fast.parameters.items():
        torch.testing.assert_close(p, graph.parameters[key], rtol=1e-6, atol=1e-7)
    for key, tensor in fast.tensors().items():
        torch.testing.assert_close(tensor, graph.tensors()[key], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_that_does_not_apply_changes_no_bit(kind):
    optimiser = make_optimiser(kind, parameters(), learning_rate=0.1)
    stepped(optimiser, next(gradients(1)))
    both = {**optimiser.parameters, **optimiser.tensors()}
    before = {key: tensor.detach().clone() for key, tensor in both.items()}
    bad = {key: torch.full_like(p, torch.nan) for key, p in optimiser.parameters.items()}
    with torch.no_grad():
        optimiser.step_in_graph(optimiser.parameters, bad, optimiser.tensors(), torch.tensor(False))
    assert all(torch.equal(before[key], tensor) for key, tensor in both.items())


@pytest.mark.parametrize("kind", KINDS)
def test_annealing_scales_every_groups_rate(kind):
    optimiser = make_optimiser(kind, parameters(), learning_rate=0.1, learning_rates={"a.bias": 0.4})
    assert optimiser.learning_rate == 0.1
    for factor in (0.5, 0.25):
        optimiser.anneal(factor)
        assert optimiser.tensors()["lr"].tolist() == pytest.approx([0.1 * factor, 0.4 * factor])
        assert optimiser.learning_rate == 0.1 * factor


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_state_goes_on_as_if_it_had_not_stopped(kind):
    rates = {"a.weight": 0.3, "b.weight": 0.02}
    whole, first = (
        make_optimiser(kind, parameters(), learning_rate=0.1, learning_rates=rates) for _ in range(2)
    )
    steps = list(gradients(4))
    for optimiser in (whole, first):
        optimiser.anneal(0.7)
        for grads in steps[:2]:
            stepped(optimiser, grads)
    saved = {key: tensor.clone() for key, tensor in first.tensors().items()}
    weights = {key: nn.Parameter(p.detach().clone()) for key, p in first.parameters.items()}
    second = make_optimiser(kind, weights, learning_rate=0.1, learning_rates=rates)
    second.load(saved)
    assert second.learning_rate == pytest.approx(0.07)
    for grads in steps[2:]:
        stepped(whole, grads)
        stepped(second, grads)
    assert all(torch.equal(p, second.parameters[key]) for key, p in whole.parameters.items())


@pytest.mark.parametrize(
    ("kind", "rates"), [("rmsprop", {}), ("adam", {"a.bias": 0.1}), ("adam", None)], ids=str
)
def test_a_state_of_another_optimiser_or_model_is_refused(kind, rates):
    saved = make_optimiser("adam", parameters(), learning_rate=0.1).tensors()
    weights = parameters()
    if rates is None:
        del weights["b.log_std"]
    optimiser = make_optimiser(kind, weights, learning_rate=0.1, learning_rates=rates)
    before = {key: tensor.clone() for key, tensor in optimiser.tensors().items()}
    with pytest.raises(DiagnosticError) as caught:
        optimiser.load({key: tensor + 1 for key, tensor in saved.items()})
    assert caught.value.diagnostics[0].code == "RLG608"
    assert all(torch.equal(before[key], tensor) for key, tensor in optimiser.tensors().items())


def test_frozen_parameters_are_left_out_and_none_is_taken_twice():
    weights = parameters()
    weights["a.weight"].requires_grad_(False)
    optimiser = make_optimiser("adam", weights, learning_rate=0.1, learning_rates={"a.weight": 1.0})
    assert list(optimiser.parameters) == ["a.bias", "b.weight", "b.log_std"]
    assert optimiser.tensors()["lr"].shape == (1,)
    with pytest.raises(ValueError, match="twice"):
        make_optimiser("adam", {"a": weights["a.bias"], "b": weights["a.bias"]}, learning_rate=0.1)
    with pytest.raises(ValueError, match="not frozen"):
        make_optimiser("rmsprop", {"a": weights["a.weight"]}, learning_rate=0.1)


def test_a_rate_that_equals_the_configs_stays_a_group_of_its_own():
    shapes = []
    for rate in (0.1, 0.2):
        optimiser = make_optimiser("adam", parameters(), learning_rate=rate, learning_rates={"a.bias": 0.1})
        shapes.append(optimiser.tensors()["lr"].shape)
    assert shapes == [(2,), (2,)]


@pytest.mark.parametrize("kind", KINDS)
def test_state_is_where_the_parameters_are(kind):
    weights = {"a": nn.Parameter(torch.zeros(2, device="meta"))}
    optimiser = make_optimiser(kind, weights, learning_rate=0.1, learning_rates={"a": 0.2})
    optimiser.anneal(0.5)
    assert {tensor.device.type for tensor in optimiser.tensors().values()} == {"meta"}
    assert optimiser.learning_rate == 0.05
