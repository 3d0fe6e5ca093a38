"""A stand-in for a compiled model, written by hand with the same interface: one shared encoder, two heads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rl2graph.spaces import Box, Discrete, Space, Vector


@dataclass(frozen=True)
class Output:
    name: str
    role: str
    head: str


class Policy(nn.Module):
    def __init__(self, width: int, space: Space, generator: torch.Generator) -> None:
        super().__init__()
        out = space.n if isinstance(space, Discrete) else space.size
        self.weight, self.bias = linear(width, out, 0.01, generator)
        if isinstance(space, Box):
            self.log_std = nn.Parameter(torch.zeros(out))

    def forward(self, x: Tensor) -> Tensor:
        mean = nn.functional.linear(x, self.weight, self.bias)
        if not hasattr(self, "log_std"):
            return mean
        return torch.cat([mean, self.log_std.expand_as(mean)], dim=-1)


class Dense(nn.Module):
    def __init__(self, width: int, out: int, gain: float, generator: torch.Generator) -> None:
        super().__init__()
        self.weight, self.bias = linear(width, out, gain, generator)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight, self.bias)


class Entry(nn.Module):
    def __init__(self, model: Handmade, outputs: Sequence[str]) -> None:
        super().__init__()
        self.e = model.e
        self.input_names, self.state_schema, self.noise_schema = ("obs",), {}, {}
        self._wanted = tuple(outputs)
        for name in outputs:
            setattr(self, name, getattr(model, name))

    def forward(self, obs: Tensor) -> dict[str, Tensor]:
        e = self.e(obs.float())
        out = {name: getattr(self, name)(e) for name in self._wanted}
        if "v" in out:
            out["v"] = out["v"].squeeze(-1)
        return out


class Handmade(nn.Module):
    def __init__(
        self,
        observation_space: Vector,
        action_space: Space,
        *,
        hidden: Sequence[int] = (128, 64),
        seed: int = 0,
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.observation_space, self.action_space, self.seed = observation_space, action_space, seed
        self.imported_files = {}
        self.spec_text = "encoder e = encode(obs); pi = head(e); v = head(e)"
        kind = "categorical" if isinstance(action_space, Discrete) else "gaussian"
        self.outputs = (Output("pi", "pi", kind), Output("v", "v", "value"))
        layers: list[nn.Module] = []
        width = observation_space.shape[0]
        for out in hidden:
            layers += [Dense(width, out, math.sqrt(2), generator), nn.ReLU()]
            width = out
        self.e = nn.Sequential(*layers)
        self.pi = Policy(width, action_space, generator)
        self.v = Dense(width, 1, 1.0, generator)

    collects_statistics = False
    learning_rates = {}  # noqa: RUF012

    def entry(self, outputs: Sequence[str], *, mode: str = "evaluate") -> Entry:
        return Entry(self, outputs)


def linear(
    width: int, out: int, gain: float, generator: torch.Generator
) -> tuple[nn.Parameter, nn.Parameter]:
    weight = torch.empty(out, width)
    nn.init.orthogonal_(weight, gain, generator=generator)
    return nn.Parameter(weight), nn.Parameter(torch.zeros(out))
