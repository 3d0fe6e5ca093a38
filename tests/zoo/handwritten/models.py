"""Transformers, curiosity and models."""

from __future__ import annotations

import torch
from torch import nn
from torch.distributions import Normal
from torch.nn import functional as F

from tests.zoo.handwritten.pieces import Scaled, Value, each_step, mlp, one_hot, unroll


class Gate(nn.Module):
    """Parisotto et al. 2019: a GRU's gates between a layer's operand and its result."""

    def __init__(self):
        super().__init__()
        self.wr, self.ur, self.wz, self.uz, self.wg, self.ug = (
            nn.Linear(64, 64, bias=False) for _ in range(6)
        )
        self.bg = nn.Parameter(torch.full((64,), 2.0))

    def forward(self, x, y):
        r = torch.sigmoid(self.wr(y) + self.ur(x))
        z = torch.sigmoid(self.wz(y) + self.uz(x) - self.bg)
        return (1 - z) * x + z * torch.tanh(self.wg(y) + self.ug(r * x))


class GatedBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(64), nn.MultiheadAttention(64, 4, batch_first=True)
        self.norm2, self.hidden = nn.LayerNorm(64), mlp(64, 256, 64)
        self.gate1, self.gate2 = Gate(), Gate()

    def forward(self, x, hidden):
        y = self.norm1(x)
        y = self.gate1(x, F.relu(self.attention(y, y, y, attn_mask=hidden, need_weights=False)[0]))
        return self.gate2(y, self.hidden(self.norm2(y)))


class GatedTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(12, 64)
        self.positions = nn.Parameter(0.02 * torch.randn(16, 64))
        self.steps = nn.ModuleList([GatedBlock(), GatedBlock()])
        self.pi = nn.Linear(64, 4)
        self.v = Value(64)

    def forward(self, obs, resets):
        e = self.e(obs)
        memory, last = e.new_zeros(e.shape[1], 16, 64), []
        filled = torch.zeros(e.shape[1], 16, dtype=torch.bool)
        later, own = torch.ones(16, 16).triu(1).bool(), torch.eye(16).bool()
        for step, reset in zip(e, resets, strict=True):
            memory = memory * (1 - reset.to(e.dtype))[:, None, None]
            memory = torch.cat((memory[:, 1:], step.unsqueeze(1)), dim=1)
            filled = torch.cat((filled[:, 1:] & ~reset[:, None], torch.ones_like(filled[:, :1])), dim=1)
            # A place before the episode attends to itself here; nothing after it sees that.
            hidden = ((later | ~filled[:, None]) & ~own).repeat_interleave(4, dim=0)
            h = memory + self.positions
            for block in self.steps:
                h = block(h, hidden)
            last.append(h[:, -1])
        h = torch.stack(last)
        return {"pi": self.pi(h), "v": self.v(h)}


class Icm(nn.Module):
    def __init__(self):
        super().__init__()
        self.f, self.e = self.cnn(), self.cnn()
        self.action = nn.Sequential(nn.Linear(576, 256), nn.ReLU(), nn.Linear(256, 4))
        self.predicted = nn.Sequential(nn.Linear(292, 256), nn.ReLU(), nn.Linear(256, 288))
        self.cell = nn.LSTMCell(288, 256)
        self.pi = nn.Linear(256, 4)
        self.v = Value(256)

    def cnn(self):
        layers = [Scaled()]
        for channels in (4, 32, 32, 32):
            layers += [nn.Conv2d(channels, 32, 3, stride=2, padding=1), nn.ELU()]
        return nn.Sequential(*layers, nn.Flatten())

    def forward(self, obs, next_obs, act, resets):
        now, after = each_step(self.f, obs), each_step(self.f, next_obs)
        action = self.action(torch.cat((now, after), dim=-1))
        predicted = self.predicted(torch.cat((now, one_hot(act, 4)), dim=-1))
        surprise = 0.5 * (predicted - after).square().sum(dim=-1)
        inverse = 0.8 * F.cross_entropy(action.flatten(0, 1), act.flatten(), reduction="none")
        h = unroll(self.cell, each_step(self.e, obs), resets)
        losses = {"inverse_model": inverse.unflatten(0, act.shape), "forward_model": 0.2 * surprise}
        return {"pi": self.pi(h), "v": self.v(h), "surprise": surprise} | losses


class EfficientZero(nn.Module):
    def __init__(self):
        super().__init__()
        self.represent = mlp(16, 256, 128)
        self.project = nn.Sequential(nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 128))
        self.pi_hidden, self.pi = mlp(128, 64), nn.Linear(64, 6)
        self.v_hidden, self.v = mlp(128, 64), Value(64)
        self.imagined = mlp(134, 256, 128)
        self.expected_hidden, self.expected = mlp(128, 64), Value(64)
        self.guess = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 128))

    def forward(self, obs, act, next_obs, reward):
        now = self.represent(obs)
        imagined = self.imagined(torch.cat((now, one_hot(act, 6)), dim=-1))
        expected = self.expected(self.expected_hidden(imagined))
        guess = F.normalize(self.guess(self.project(imagined)), dim=-1)
        seen = F.normalize(self.project(self.represent(next_obs)), dim=-1).detach()
        outputs = {"pi": self.pi(self.pi_hidden(now)), "v": self.v(self.v_hidden(now))}
        losses = {"reward_model": (expected - reward) ** 2, "consistency": -(guess * seen).sum(dim=-1)}
        return outputs | {"imagined": imagined, "expected": expected} | losses


class WorldModel(nn.Module):
    """Without noise: what is drawn are the means."""

    def __init__(self):
        super().__init__()
        layers = [Scaled()]
        for channels, out in ((3, 32), (32, 64), (64, 128), (128, 256)):
            layers += [nn.Conv2d(channels, out, 4, stride=2), nn.ReLU()]
        self.see = nn.Sequential(*layers, nn.Flatten())
        self.h = nn.Linear(1030, 200)
        self.cell = nn.GRUCell(200, 200)
        self.prior = nn.Sequential(nn.Linear(200, 200), nn.ELU(), nn.Linear(200, 60))
        self.posterior = nn.Sequential(nn.Linear(1224, 200), nn.ELU(), nn.Linear(200, 60))
        layers = [nn.Linear(230, 1024), nn.Unflatten(-1, (1024, 1, 1))]
        for channels, out, kernel in ((1024, 128, 5), (128, 64, 5), (64, 32, 6)):
            layers += [nn.ConvTranspose2d(channels, out, kernel, stride=2), nn.ReLU()]
        self.decoded = nn.Sequential(*layers, nn.ConvTranspose2d(32, 3, 6, stride=2))
        self.expected_hidden, self.expected = mlp(230, 400, 400, activation=nn.ELU), Value(400)

    def forward(self, obs, act, next_obs, reward, resets):
        seen, after = each_step(self.see, obs), each_step(self.see, next_obs)
        h = unroll(self.cell, F.elu(self.h(torch.cat((seen, act), dim=-1))), resets)
        prior = self.prior(h).chunk(2, dim=-1)
        posterior = self.posterior(torch.cat((h, after), dim=-1)).chunk(2, dim=-1)
        z = posterior[0]
        s = torch.cat((h, z), dim=-1)
        decoded, expected = each_step(self.decoded, s), self.expected(self.expected_hidden(s))
        densities = [
            Normal(mean, log_std.exp()).log_prob(z).sum(dim=-1) for mean, log_std in (posterior, prior)
        ]
        return {
            "s": s,
            "expected": expected,
            "decoded": decoded,
            "reconstruction": 0.5 * (decoded - next_obs / 255).square().sum(dim=(2, 3, 4)),
            "reward_model": 0.5 * (expected - reward) ** 2,
            "dynamics": densities[0] - densities[1],
        }
