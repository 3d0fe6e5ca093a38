"""What several networks are made of."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F


class Scaled(nn.Module):
    """Bytes as floats from 0 to 1."""

    def forward(self, image):
        return image.to(torch.get_default_dtype()) / 255


def one_hot(choice, n):
    return F.one_hot(choice, n).to(torch.get_default_dtype())


def mlp(*widths, activation=nn.ReLU):
    """Dense layers, an activation after each."""
    layers = []
    for inputs, out in pairwise(widths):
        layers += [nn.Linear(inputs, out), activation()]
    return nn.Sequential(*layers)


def atari(channels):
    """The convolutions of Mnih et al. 2015."""
    return nn.Sequential(
        Scaled(),
        nn.Conv2d(channels, 32, 8, stride=4), nn.ReLU(),
        nn.Conv2d(32, 64, 4, stride=2), nn.ReLU(),
        nn.Conv2d(64, 64, 3), nn.ReLU(),
        nn.Flatten(),
    )  # fmt: skip


def nature(channels, features=3136, width=512):
    return nn.Sequential(*atari(channels), nn.Linear(features, width), nn.ReLU())


class Residual(nn.Module):
    """What a block of the IMPALA network does to its image."""

    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + self.second(F.relu(self.first(F.relu(x))))


def a2c():
    """The network of Mnih et al. 2013."""
    return nn.Sequential(
        Scaled(),
        nn.Conv2d(4, 16, 8, stride=4), nn.ReLU(),
        nn.Conv2d(16, 32, 4, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(2592, 256), nn.ReLU(),
    )  # fmt: skip


def impala(channels):
    layers = [Scaled()]
    for out in (16, 32, 32):
        layers += [nn.Conv2d(channels, out, 3, padding=1), nn.MaxPool2d(3, stride=2, padding=1)]
        layers += [Residual(out), Residual(out)]
        channels = out
    return nn.Sequential(*layers, nn.ReLU(), nn.Flatten(), nn.Linear(2048, 256), nn.ReLU())


def pixels(channels):
    """The convolutions of Yarats et al. 2019."""
    layers = [Scaled(), nn.Conv2d(channels, 32, 3, stride=2), nn.ReLU()]
    for _ in range(3):
        layers += [nn.Conv2d(32, 32, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten())


def numbered():
    """A vector for each of 500 states."""
    return nn.Sequential(nn.Embedding(500, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())


def compact():
    return nn.Sequential(nn.Linear(39200, 50), nn.LayerNorm(50), nn.Tanh())


class Value(nn.Linear):
    """One number per sample, without an axis of its own."""

    def __init__(self, inputs):
        super().__init__(inputs, 1)

    def forward(self, x):
        return super().forward(x).squeeze(-1)


class Gaussian(nn.Linear):
    """Means from a layer, then free log standard deviations."""

    def __init__(self, inputs, n):
        super().__init__(inputs, n)
        self.log_std = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        mean = super().forward(x)
        return torch.cat((mean, self.log_std.expand_as(mean)), dim=-1)


class NoisyLinear(nn.Linear):
    """Fortunato et al. 2018, equation 9 with the factorised noise of equations 10 and 11.

    `noise` are standard normal numbers for the inputs and the outputs; where there are none, the layer is
    that of its means.
    """

    def __init__(self, inputs, out):
        super().__init__(inputs, out)
        self.weight_sigma = nn.Parameter(torch.full((out, inputs), 0.5 / inputs**0.5))
        self.bias_sigma = nn.Parameter(torch.full((out,), 0.5 / inputs**0.5))
        self.noise = None

    def forward(self, x):
        if self.noise is None:
            return super().forward(x)
        of_inputs, of_outputs = (torch.sign(e) * torch.sqrt(torch.abs(e)) for e in self.noise)
        weight = self.weight + self.weight_sigma * torch.outer(of_outputs, of_inputs)
        return F.linear(x, weight, self.bias + self.bias_sigma * of_outputs)


def two_layers(inputs, out, layer=nn.Linear):
    return nn.Sequential(layer(inputs, 512), nn.ReLU(), layer(512, out))


class Dueling(nn.Module):
    """Wang et al. 2016, equation 9, over four actions."""

    def __init__(self, inputs, layer=nn.Linear):
        super().__init__()
        self.values = two_layers(inputs, 1, layer)
        self.advantages = two_layers(inputs, 4, layer)

    def forward(self, x):
        advantages = self.advantages(x)
        return self.values(x) + advantages - advantages.mean(dim=-1, keepdim=True)


class RunningNorm(nn.Module):
    """Normalised by statistics that something else moves."""

    def __init__(self, *shape, clip=10.0):
        super().__init__()
        self.clip = clip
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("var", torch.ones(shape))
        self.register_buffer("count", torch.tensor(1e-4))

    def forward(self, x):
        return torch.clamp((x - self.mean) / torch.sqrt(self.var + 1e-8), -self.clip, self.clip)


def scale_grad(x, scale):
    return x.detach() + scale * (x - x.detach())


def each_step(network, x):
    """A network without a state over all steps of a sequence at once."""
    return network(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def unroll(cell, x, resets):
    """A cell of torch, LSTM or GRU, over the steps of a sequence."""
    h = c = x.new_zeros(x.shape[1], cell.hidden_size)
    out = []
    for step, reset in zip(x, resets, strict=True):
        keep = 1 - reset.to(x.dtype).unsqueeze(-1)
        if isinstance(cell, nn.LSTMCell):
            h, c = cell(step, (h * keep, c * keep))
        else:
            h = cell(step, h * keep)
        out.append(h)
    return torch.stack(out)
