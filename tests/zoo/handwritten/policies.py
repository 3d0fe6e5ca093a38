"""Policies and values."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from tests.zoo.handwritten.pieces import (
    Gaussian,
    RunningNorm,
    Value,
    each_step,
    impala,
    mlp,
    nature,
    unroll,
)


class ActorCritic(nn.Module):
    """One encoder under policy and value."""

    def __init__(self, e, width, n):
        super().__init__()
        self.e = e
        self.pi = nn.Linear(width, n)
        self.v = Value(width)

    def forward(self, obs):
        e = self.e(obs)
        return {"pi": self.pi(e), "v": self.v(e)}


class PpoSplit(nn.Module):
    def __init__(self):
        super().__init__()
        self.pi_hidden = mlp(17, 64, 64, activation=nn.Tanh)
        self.pi = Gaussian(64, 6)
        self.v_hidden = mlp(17, 64, 64, activation=nn.Tanh)
        self.v = Value(64)

    def forward(self, obs):
        return {"pi": self.pi(self.pi_hidden(obs)), "v": self.v(self.v_hidden(obs))}


class PpoLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nature(1)
        self.cell = nn.LSTMCell(512, 128)
        self.pi = nn.Linear(128, 4)
        self.v = Value(128)

    def forward(self, obs, resets):
        h = unroll(self.cell, each_step(self.e, obs), resets)
        return {"pi": self.pi(h), "v": self.v(h)}


class Ppg(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = impala(3)
        self.pi = nn.Linear(256, 15)
        self.aux = Value(256)
        self.v_hidden = impala(3)
        self.v = Value(256)

    def forward(self, obs, returns):
        e = self.e(obs)
        aux, v = self.aux(e), self.v(self.v_hidden(obs))
        return {"pi": self.pi(e), "aux": aux, "v": v, "distillation": 0.5 * (aux - returns) ** 2}


class MaskedActions(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = mlp(32, 128, 64)
        self.pi = nn.Linear(64, 8)
        self.v = Value(64)

    def forward(self, obs):
        e = self.e(obs["observation"])
        forbidden = obs["action_mask"] == 0
        return {"pi": self.pi(e).masked_fill(forbidden, -torch.inf), "v": self.v(e)}


class Rnd(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nature(4)
        self.pi = nn.Linear(512, 4)
        self.v = Value(512)
        self.v_novelty = Value(512)
        self.frame = RunningNorm(1, 84, 84, clip=5.0)
        self.target = nn.Sequential(*self.features()).requires_grad_(False)
        further = (nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 512))
        self.predictor = nn.Sequential(*self.features(), *further)

    def features(self):
        return (
            nn.Conv2d(1, 32, 8, stride=4), nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, stride=2), nn.LeakyReLU(0.2),
            nn.Conv2d(64, 64, 3), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(3136, 512),
        )  # fmt: skip

    def forward(self, obs):
        e = self.e(obs)
        frame = self.frame(obs[:, 3:] / 255)
        novelty = (self.predictor(frame) - self.target(frame)).square().mean(dim=-1)
        outputs = {"pi": self.pi(e), "v": self.v(e), "v_novelty": self.v_novelty(e)}
        return outputs | {"novelty": novelty, "prediction": novelty}


class AlphaZero(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Sequential(*self.layer(17, 64), nn.ReLU(), *(Board(64) for _ in range(5)))
        self.pi = nn.Sequential(*self.layer(64, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(162, 82))
        hidden = (nn.Flatten(), nn.Linear(81, 256), nn.ReLU())
        self.v = nn.Sequential(*self.layer(64, 1, 1), nn.ReLU(), *hidden, Value(256), nn.Tanh())

    @staticmethod
    def layer(channels, out, kernel=3):
        return nn.Conv2d(channels, out, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(out)

    def forward(self, obs):
        e = self.e(obs)
        return {"pi": self.pi(e), "v": self.v(e)}


class Board(nn.Module):
    """A residual block of AlphaZero."""

    def __init__(self, channels):
        super().__init__()
        layer = AlphaZero.layer
        self.layers = nn.Sequential(*layer(channels, channels), nn.ReLU(), *layer(channels, channels))

    def forward(self, x):
        return F.relu(x + self.layers(x))
