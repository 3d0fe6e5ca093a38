"""Observations of several parts."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from tests.zoo.handwritten.pieces import Gaussian, Value, each_step, mlp, nature, unroll


class Multimodal(nn.Module):
    def __init__(self):
        super().__init__()
        self.cam = nature(3, width=256)
        self.arm = mlp(12, 64, 64)
        self.h = nn.Linear(320, 256)
        self.pi = Gaussian(256, 7)
        self.v = Value(256)

    def forward(self, obs):
        joined = torch.cat((self.cam(obs["camera"]), self.arm(obs["joints"])), dim=-1)
        h = F.relu(self.h(joined))
        return {"pi": self.pi(h), "v": self.v(h)}


class EntityAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.entities = nn.Linear(10, 128)
        self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
        self.norm = nn.LayerNorm(128)
        self.e = nn.Linear(128, 128)
        self.pi = nn.Linear(128, 9)
        self.v = Value(128)

    def forward(self, obs):
        present = obs["present"].bool()
        x = F.relu(self.entities(obs["entities"]))
        x = self.norm(x + self.attention(x, x, x, key_padding_mask=~present, need_weights=False)[0])
        present = present.to(x.dtype).unsqueeze(-1)
        e = F.relu(self.e((x * present).sum(dim=1) / present.sum(dim=1)))
        return {"pi": self.pi(e), "v": self.v(e)}


class RlGames301(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nature(3, features=1024, width=256)
        self.cell = nn.LSTMCell(264, 256)
        self.pi_hidden, self.pi = mlp(269, 128), Gaussian(128, 6)
        self.v_hidden, self.v = mlp(269, 128), Value(128)

    def forward(self, obs, resets):
        seen = torch.cat((each_step(self.cnn, obs["x"]), obs["y"]), dim=-1)
        joined = torch.cat((unroll(self.cell, seen, resets), obs["y"], obs["z"]), dim=-1)
        return {"pi": self.pi(self.pi_hidden(joined)), "v": self.v(self.v_hidden(joined))}
