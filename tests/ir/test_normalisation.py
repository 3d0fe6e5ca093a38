"""Normalisation against torch's own modules, and its statistics against numbers worked out by hand."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import symbol
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.ir.single import module_of, one, run


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def moved(module):
    """A module whose weights are not at their start."""
    with torch.no_grad():
        for weight in module.parameters():
            weight += torch.linspace(-0.5, 0.5, weight.numel()).reshape(weight.shape)
    return module


@pytest.mark.parametrize(
    ("name", "module", "attributes", "x"),
    [
        ("layer_norm", nn.LayerNorm(6), {}, normal(4, 6)),
        ("layer_norm", nn.LayerNorm((3, 6), eps=0.1), {"axes": 2, "eps": 0.1}, normal(4, 2, 3, 6)),
        ("rms_norm", nn.RMSNorm(6, eps=1e-6), {}, normal(4, 6)),
        ("group_norm", nn.GroupNorm(2, 6), {"groups": 2}, normal(4, 6)),
        ("group_norm", nn.GroupNorm(3, 6), {"groups": 3}, normal(4, 6, 2, 3)),
    ],
)
def test_torchs_module_has_the_same_weights_and_values(name, module, attributes, x):
    moved(module)
    torch.testing.assert_close(run(name, x, weights=module.state_dict(), **attributes)["y"], module(x))


@pytest.mark.parametrize(
    ("module", "x"),
    [
        (nn.BatchNorm1d(3), normal(5, 3)),
        (nn.BatchNorm1d(3, momentum=0.3), normal(5, 3, 4)),
        (nn.BatchNorm2d(3), normal(5, 3, 2, 4)),
    ],
)
def test_batch_norm_is_torchs_in_training_and_in_evaluation(module, x):
    moved(module)
    start = {name: value.clone() for name, value in module.state_dict().items() if value.dim()}
    attributes = {"momentum": module.momentum}
    result = run("batch_norm", x, weights=start, **attributes)
    torch.testing.assert_close(result["y"], module(x))
    after = {name.removeprefix("w."): value for name, value in result["statistics"].items()}
    moved_by_torch = {"running_mean": module.running_mean, "running_var": module.running_var}
    torch.testing.assert_close(after, moved_by_torch)
    module.eval()
    still = run("batch_norm", x, still=True, weights=start | after, **attributes)
    torch.testing.assert_close(still["y"], module(x))
    assert "statistics" not in still


def test_one_value_per_channel_leaves_the_running_variance():
    result = run("batch_norm", torch.full((1, 2), 3.0))
    torch.testing.assert_close(result["y"], torch.zeros(1, 2), rtol=0, atol=1e-4)
    assert result["statistics"]["w.running_mean"].tolist() == pytest.approx([0.3, 0.3])
    assert result["statistics"]["w.running_var"].tolist() == [1.0, 1.0]


def test_running_norm_moves_before_it_normalises():
    x = torch.tensor([[0.0, 10.0], [2.0, 10.0], [4.0, 40.0]])
    result = run("running_norm", x, clip=1.3)
    statistics = {name.removeprefix("w."): value for name, value in result["statistics"].items()}
    torch.testing.assert_close(statistics["mean"], torch.tensor([2.0, 20.0]), rtol=1e-4, atol=0)
    torch.testing.assert_close(statistics["var"], torch.tensor([8 / 3, 200.0]), rtol=1e-3, atol=0)
    assert float(statistics["count"]) == pytest.approx(3.0001)
    expected = [[-1.2247, -0.7071], [0.0, -0.7071], [1.2247, 1.3]]
    torch.testing.assert_close(result["y"], torch.tensor(expected), rtol=1e-3, atol=1e-3)
    still = run("running_norm", x, still=True, weights=statistics, clip=1.3)
    torch.testing.assert_close(still["y"], result["y"])
    assert "statistics" not in still


def test_running_norm_keeps_its_figures_over_many_small_batches():
    generator = torch.Generator().manual_seed(0)
    scale, shift = torch.tensor([1e-3, 1.0, 50.0]), torch.tensor([0.0, 1e3, -50.0])
    seen = torch.randn(4000, 2, 3, generator=generator) * scale + shift
    graph = one("running_norm", seen[0])
    module = module_of(graph)
    for batch in seen:
        module.load_state_dict(module(x0=batch)["statistics"])
    flat = seen.double().reshape(-1, 3)
    prior = torch.tensor([1e-4 / len(flat), 1e-4 / len(flat) * 1e6, 0.0])  # the start counts as 1e-4 samples
    torch.testing.assert_close(module.w.mean.double(), flat.mean(0), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(module.w.var.double(), flat.var(0, correction=0) + prior, rtol=1e-3, atol=0)


def test_no_gradient_flows_through_running_statistics():
    x = normal(5, 3).requires_grad_()
    result = run("running_norm", x)
    assert not any(value.requires_grad for value in result["statistics"].values())
    (gradient,) = torch.autograd.grad(result["y"].sum(), x)
    deviation = (result["statistics"]["w.var"] + 1e-8).sqrt()
    torch.testing.assert_close(gradient, (1 / deviation).expand(5, 3))


@pytest.mark.parametrize(
    ("name", "shape", "attributes", "code", "argument"),
    [
        ("layer_norm", (), {}, "RLG302", "x"),
        ("layer_norm", (4,), {"axes": 2}, "RLG304", "axes"),
        ("layer_norm", (3, 1), {}, "RLG301", "x"),
        ("rms_norm", (), {}, "RLG302", "x"),
        ("group_norm", (4, 2, 2), {"groups": 3}, "RLG304", "groups"),
        ("group_norm", (4, 1, 1), {"groups": 4}, "RLG304", "groups"),
        ("group_norm", (), {"groups": 1}, "RLG302", "x"),
        ("batch_norm", (1, 2, 3, 4), {}, "RLG302", "x"),
        ("batch_norm", (4,), {"momentum": 1.5}, "RLG304", "momentum"),
        ("running_norm", (4,), {"clip": 0.0}, "RLG304", "clip"),
        ("layer_norm", (4,), {"eps": 0.0}, "RLG304", "eps"),
    ],
)
def test_what_does_not_fit_is_refused(name, shape, attributes, code, argument):
    with pytest.raises(TypeProblem) as caught:
        OPS[name].infer((f32(*shape),), dict(coerce_attributes(OPS[name], attributes)))
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_groups_of_an_unknown_number_of_channels_are_left_open():
    type_ = f32(symbol("c"), 4, 4)
    assert OPS["group_norm"].infer((type_,), {"groups": 4, "eps": 1e-5}) == type_


def test_group_norm_after_global_pooling_trains_and_does_not_crash():
    text = "e = obs |> adaptive_avg_pool2d(size=[1, 1]) |> group_norm(groups=1); mu = dense(flatten(e), 2)"
    code = f"""
import torch, rl2graph
from rl2graph.spaces import Image, unbounded
for last in (False, True):
    space = Image((3, 8, 8), channels_last=last)
    model = rl2graph.compile({text!r}, observation_space=space, action_space=unbounded((2,)))
    obs = torch.randint(256, (4, *space.tensor_type.dims), dtype=torch.uint8)
    for entry in (model.entry(["mu"]), model.entry(["mu"], train=["e"])):
        entry(obs)["mu"].sum().backward()
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
