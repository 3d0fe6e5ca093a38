"""Actors and critics."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from tests.zoo.handwritten.pieces import RunningNorm, Scaled, Value, compact, mlp, pixels


class Ddpg(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = mlp(17, 400, 300)
        self.mu = nn.Linear(300, 6)
        self.seen = nn.Linear(17, 400)
        self.critic = nn.Linear(406, 300)
        self.q = Value(300)

    def forward(self, obs, act):
        seen = F.relu(self.seen(obs))
        critic = F.relu(self.critic(torch.cat((seen, act), dim=-1)))
        return {"mu": torch.tanh(self.mu(self.actor(obs))), "q": self.q(critic)}


class Td3(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.mu = mlp(17, 400, 300), nn.Linear(300, 6)
        self.critic1, self.q1 = mlp(23, 400, 300), Value(300)
        self.critic2, self.q2 = mlp(23, 400, 300), Value(300)

    def forward(self, obs, act):
        both = torch.cat((obs, act), dim=-1)
        mu = torch.tanh(self.mu(self.actor(obs)))
        return {"mu": mu, "q1": self.q1(self.critic1(both)), "q2": self.q2(self.critic2(both))}


class Sac(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.pi = mlp(17, 256, 256), nn.Linear(256, 12)
        self.critic1, self.q1 = mlp(23, 256, 256), Value(256)
        self.critic2, self.q2 = mlp(23, 256, 256), Value(256)

    def forward(self, obs, act):
        both = torch.cat((obs, act), dim=-1)
        pi = self.pi(self.actor(obs))
        return {"pi": pi, "q1": self.q1(self.critic1(both)), "q2": self.q2(self.critic2(both))}


class SacPixels(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = pixels(9)
        self.actor = nn.Sequential(*compact(), *mlp(50, 1024, 1024))
        self.pi = nn.Linear(1024, 12)
        self.compacted = compact()
        self.critic1, self.q1 = mlp(56, 1024, 1024), Value(1024)
        self.critic2, self.q2 = mlp(56, 1024, 1024), Value(1024)

    def forward(self, obs, act):
        e = self.e(obs)
        pi = self.pi(self.actor(e.detach()))
        both = torch.cat((self.compacted(e), act), dim=-1)
        return {"pi": pi, "q1": self.q1(self.critic1(both)), "q2": self.q2(self.critic2(both))}


class SacAutoencoder(SacPixels):
    def __init__(self):
        super().__init__()
        layers = [nn.Linear(50, 39200), nn.ReLU(), nn.Unflatten(-1, (32, 35, 35))]
        for _ in range(3):
            layers += [nn.ConvTranspose2d(32, 32, 3), nn.ReLU()]
        self.decoded = nn.Sequential(*layers, nn.ConvTranspose2d(32, 9, 3, stride=2, output_padding=1))

    def forward(self, obs, act):
        h = self.compacted(self.e(obs))
        error = (self.decoded(h) - obs / 255).square().mean(dim=(1, 2, 3))
        return super().forward(obs, act) | {"reconstruction": error + 0.5e-6 * h.square().sum(dim=-1)}


class Drq(SacPixels):
    """Without shifts, as it evaluates."""

    def __init__(self):
        super().__init__()
        self.mu, self.pi = nn.Linear(1024, 6), None

    def forward(self, obs, act):
        # Half of 255 before the scaling by 255 is a half after it.
        e = self.e(obs - 127.5)
        both = torch.cat((self.compacted(e), act), dim=-1)
        mu = torch.tanh(self.mu(self.actor(e.detach())))
        return {"mu": mu, "q1": self.q1(self.critic1(both)), "q2": self.q2(self.critic2(both))}


class Redq(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.pi = mlp(17, 256, 256), nn.Linear(256, 12)
        self.q = nn.ModuleList(nn.Sequential(*mlp(23, 256, 256), Value(256)) for _ in range(10))

    def forward(self, obs, act):
        both = torch.cat((obs, act), dim=-1)
        return {"pi": self.pi(self.actor(obs)), "q": torch.stack([q(both) for q in self.q], dim=-1)}


class Her(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.mu = mlp(28, 256, 256, 256), nn.Linear(256, 4)
        self.critic, self.q = mlp(32, 256, 256, 256), Value(256)

    def forward(self, obs, act):
        seen = torch.cat((obs["observation"], obs["desired_goal"]), dim=-1)
        q = self.q(self.critic(torch.cat((seen, act), dim=-1)))
        return {"mu": torch.tanh(self.mu(self.actor(seen))), "q": q}


class AsymmetricActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [Scaled()]
        for channels in (4, 64, 64, 64):
            layers += [nn.Conv2d(channels, 64, 3, stride=2), nn.ReLU()]
        self.e = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1600, 256), nn.ReLU())
        self.mu = nn.Linear(256, 4)
        self.critic, self.q = mlp(28, 512, 512), Value(512)

    def forward(self, obs, act, full_state):
        mu = torch.tanh(self.mu(self.e(obs)))
        return {"mu": mu, "q": self.q(self.critic(torch.cat((full_state, act), dim=-1)))}


class SimbaBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        return x + self.layers(x)


def simba(inputs, width, blocks):
    return nn.Sequential(
        nn.Linear(inputs, width), *(SimbaBlock(width) for _ in range(blocks)), nn.LayerNorm(width)
    )


class Simba(nn.Module):
    def __init__(self):
        super().__init__()
        self.normal = RunningNorm(17)
        self.actor, self.pi = simba(17, 128, 1), nn.Linear(128, 12)
        self.critic1, self.q1 = simba(23, 512, 2), Value(512)
        self.critic2, self.q2 = simba(23, 512, 2), Value(512)

    def forward(self, obs, act):
        normal = self.normal(obs)
        both = torch.cat((normal, act), dim=-1)
        pi = self.pi(self.actor(normal))
        return {"pi": pi, "q1": self.q1(self.critic1(both)), "q2": self.q2(self.critic2(both))}
