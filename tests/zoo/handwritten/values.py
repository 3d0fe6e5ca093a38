"""Values of actions."""

from __future__ import annotations

from math import prod, sqrt

import torch
from torch import nn

from tests.zoo.handwritten.pieces import (
    Dueling,
    NoisyLinear,
    atari,
    each_step,
    nature,
    scale_grad,
    two_layers,
    unroll,
)


class QNetwork(nn.Module):
    """One encoder and a layer: one number for each action, or as many as `shape` says."""

    def __init__(self, e, width, *shape):
        super().__init__()
        self.e = e
        self.q = nn.Linear(width, prod(shape))
        self.shape = shape

    def forward(self, obs):
        return {"q": self.q(self.e(obs)).unflatten(-1, self.shape)}


class DqnDueling(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = atari(4)
        self.q = Dueling(3136)

    def forward(self, obs):
        return {"q": self.q(scale_grad(self.e(obs), 1 / sqrt(2)))}


class DqnNoisyDueling(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = atari(4)
        self.q = Dueling(3136, NoisyLinear)

    def forward(self, obs):
        return {"q": self.q(self.e(obs))}


class Rainbow(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = atari(4)
        self.baseline = two_layers(3136, 51, NoisyLinear)
        self.advantage = two_layers(3136, 4 * 51, NoisyLinear)

    def forward(self, obs):
        e = self.e(obs)
        advantage = self.advantage(e).unflatten(-1, (4, 51))
        logits = self.baseline(e).unsqueeze(-2) + advantage - advantage.mean(dim=-2, keepdim=True)
        returns = torch.linspace(-10, 10, 51, dtype=logits.dtype)
        return {"q": (logits.softmax(dim=-1) * returns).sum(dim=-1), "logits": logits}


class DqnDrqn(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = atari(1)
        self.cell = nn.LSTMCell(3136, 512)
        self.q = nn.Linear(512, 4)

    def forward(self, obs, resets):
        features = each_step(self.e, obs)
        return {"q": self.q(unroll(self.cell, features, resets))}


class BootstrappedDqn(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = atari(4)
        self.q = nn.ModuleList(
            nn.Sequential(nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 4)) for _ in range(10)
        )

    def forward(self, obs):
        e = scale_grad(self.e(obs), 0.1)
        return {"q": torch.stack([head(e) for head in self.q], dim=1)}


class R2d2(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nature(4)
        self.cell = nn.LSTMCell(512, 512)
        self.q = Dueling(512)

    def forward(self, obs, resets):
        return {"q": self.q(unroll(self.cell, each_step(self.e, obs), resets))}
