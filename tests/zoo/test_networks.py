"""The specs against networks that were written by hand: the same values and the same gradients."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest
import torch
from torch import nn

import rl2graph
from rl2graph.model import weights as initial
from rl2graph.model.compiled import CompiledModel
from rl2graph.spaces import Discrete, Image, MultiBinary, MultiDiscrete, Record
from rl2graph.zoo import ZooSpec, zoo
from tests.support import float64
from tests.zoo import handwritten
from tests.zoo.handwritten.pieces import NoisyLinear, RunningNorm

SPECS = {spec.name: spec for spec in zoo()}
RANDOM = torch.Generator()
STEPS, BATCH = 4, 2
LOWEST = -1e30  # what is forbidden is as low as one likes


@dataclass
class Pair:
    """A spec's model, the network, what both are given, and the model's key of each of the network's."""

    spec: ZooSpec
    model: CompiledModel
    network: nn.Module
    keys: dict[str, str]
    given: dict[str, object]

    @property
    def lead(self):
        return (STEPS, BATCH) if self.spec.name in handwritten.RECURRENT else (BATCH,)


@pytest.fixture(scope="module", params=sorted(handwritten.NETWORKS))
def pair(request):
    spec = SPECS[request.param]
    spaces = spec.interface()
    RANDOM.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        torch.manual_seed(0)
        # Orthogonal matrices take longer than all else here, and the weights are the network's.
        patch.setitem(initial._RULES, "orthogonal", lambda generator, _, shape: generator.random(shape) - 0.5)
        model = rl2graph.compile(
            spec.path, observation_space=spaces.observation, action_space=spaces.action
        ).double()
        network = handwritten.NETWORKS[spec.name]().double()
    stir_statistics(network)
    keys = handwritten.weights(spec.name, network)
    made = Pair(spec, model, network, keys, {})
    made.given = arguments(made)
    ours, theirs = model.state_dict(), network.state_dict()
    for key, own in keys.items():
        ours[own].copy_(theirs[key])
    return made


def stir_statistics(network):
    """Statistics as they are after a while, some of which bring numbers to the clip."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d | RunningNorm):
            mean, var = list(layer.buffers())[:2]
            mean.normal_(0, 0.2, generator=RANDOM)
            var.uniform_(0.01, 1.5, generator=RANDOM)


def example(space, lead):
    """Observations or actions of a space."""
    match space:
        case Record():
            return {name: example(part, lead) for name, part in space.fields}
        case Image():
            return torch.randint(256, (*lead, *space.shape), generator=RANDOM, dtype=torch.uint8)
        case Discrete():
            return torch.randint(space.n, lead, generator=RANDOM)
        case MultiDiscrete():
            return torch.stack([torch.randint(n, lead, generator=RANDOM) for n in space.counts], dim=-1)
        case MultiBinary():
            bits = torch.randint(2, (*lead, space.n), generator=RANDOM)
            bits[..., 0] = 1  # one entity is present, one action allowed
            return bits
    return torch.randn(*lead, *space.tensor_type.dims, generator=RANDOM, dtype=torch.float64)


def arguments(pair):
    """Values for what the network takes."""
    spaces, lead = pair.spec.interface(), pair.lead
    resets = torch.zeros(lead, dtype=torch.bool)
    if pair.spec.name in handwritten.RECURRENT:
        resets[0, 0] = resets[2, 1] = True
    of_name = {
        "obs": lambda: example(spaces.observation, lead),
        "next_obs": lambda: example(spaces.observation, lead),
        "act": lambda: example(spaces.action, lead),
        "returns": lambda: torch.randn(lead, generator=RANDOM, dtype=torch.float64),
        "reward": lambda: torch.randn(lead, generator=RANDOM, dtype=torch.float64),
        "resets": lambda: resets,
        "full_state": lambda: torch.randn(*lead, 24, generator=RANDOM, dtype=torch.float64),
    }
    return {name: of_name[name]() for name in inspect.signature(pair.network.forward).parameters}


def outputs_of(model):
    return [output.name for output in model.graph.outputs]


def test_every_weight_has_its_place(pair):
    ours, theirs = pair.model.state_dict(), pair.network.state_dict()
    assert {own: ours[own].shape for own in ours} == {
        own: theirs[key].shape for key, own in pair.keys.items()
    }
    ours, theirs = dict(pair.model.named_parameters()), dict(pair.network.named_parameters())
    assert len(ours) == len(theirs)
    assert all(ours[pair.keys[key]].requires_grad == theirs[key].requires_grad for key in theirs)
    assert sum(weight.numel() for weight in ours.values()) == pair.spec.parameters


def test_outputs_and_gradients_are_those_of_the_network(pair):
    with float64():
        compare(pair, "evaluate")
        if any(node.evaluation is not None for node in pair.model.graph.nodes):
            compare(pair, "train")


def compare(pair, mode):
    pair.network.train(mode == "train")
    entry = pair.model.entry(outputs_of(pair.model), mode=mode)
    further = shared_noise(pair, entry) if mode == "train" else {}
    found = entry(**pair.given, **further)
    wanted = pair.network(**pair.given)
    assert set(wanted) == set(outputs_of(pair.model))
    for name, value in wanted.items():
        torch.testing.assert_close(
            found[name].clamp(min=LOWEST), value.clamp(min=LOWEST), rtol=1e-9, atol=1e-9, msg=name
        )
    for key, value in found.get("statistics", {}).items():
        (theirs,) = [k for k, own in pair.keys.items() if own == key]
        torch.testing.assert_close(value, pair.network.get_buffer(theirs), rtol=1e-9, atol=1e-9)
    ours = dict(pair.model.named_parameters())
    weights = {key: w for key, w in pair.network.named_parameters() if w.requires_grad}
    weighing = {name: torch.randn(value.shape, generator=RANDOM) for name, value in wanted.items()}
    gradients = [
        torch.autograd.grad(
            sum((weighing[name] * given[name].clamp(min=LOWEST)).sum() for name in wanted),
            tensors,
            allow_unused=True,
        )
        for given, tensors in (
            (found, [ours[pair.keys[key]] for key in weights]),
            (wanted, list(weights.values())),
        )
    ]
    for key, mine, theirs in zip(weights, *gradients, strict=True):
        assert (mine is None) == (theirs is None), key
        if mine is not None:
            torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-9, msg=key)


def shared_noise(pair, entry):
    """Noise for noisy layers, in the network and as arguments; the other random ops go without."""
    if not any(isinstance(layer, NoisyLinear) for layer in pair.network.modules()):
        return {}
    drawn = entry.draw_noise(pair.lead, seed=0, counter=1)
    noise = {name: value.double() for name, value in drawn.items()}
    for name, layer in pair.network.named_modules():
        if isinstance(layer, NoisyLinear):
            owner = pair.keys[f"{name}.weight"].removesuffix(".weight")
            layer.noise = noise[f"{owner}.in"], noise[f"{owner}.out"]
    return {"noise": noise}


def test_it_trains_with_noise_on_single_precision(pair):
    """Every weight that is not frozen gets a gradient, and every number is finite."""
    model = pair.model.float()
    entry = model.entry(outputs_of(model), mode="train")
    given = {
        name: value.float() if torch.is_tensor(value) and value.is_floating_point() else value
        for name, value in pair.given.items()
    }
    if isinstance(given["obs"], dict):
        given["obs"] = {k: v.float() if v.is_floating_point() else v for k, v in given["obs"].items()}
    noise = entry.draw_noise(pair.lead, seed=0, counter=1)
    found = entry(**given, **({"noise": noise} if noise else {}))
    values = [found[name] for name in outputs_of(model)]
    assert all(value.dtype == torch.float32 and value.isfinite().all() for value in values)
    weights = {name: w for name, w in model.named_parameters() if w.requires_grad}
    total = sum(value.clamp(min=LOWEST).square().mean() for value in values)
    for name, gradient in zip(weights, torch.autograd.grad(total, list(weights.values())), strict=True):
        assert gradient.isfinite().all(), name
    model.double()
