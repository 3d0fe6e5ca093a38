"""RL2's run-time cache beside rl2graph's compile-time proof, on the network of RL2's README.

    python examples/rl2_cache.py
"""

from time import perf_counter

import torch
from torch import nn

import rl2graph

SPEC = "encoder f(x) = mlp(x); pi = head(f(obs)); v = head(f(obs))"


class CachedEncoder(nn.Module):
    """RL2's idea restated: remember outputs by `id(x)` while a decorated function runs."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
        self.memory, self.calls = None, 0

    def forward(self, x):
        if self.memory is not None and id(x) in self.memory:
            return self.memory[id(x)]
        self.calls += 1
        y = self.net(x)
        if self.memory is not None:
            self.memory[id(x)] = y
        return y


class Rl2(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.pi, self.v = CachedEncoder(), nn.Linear(64, 2), nn.Linear(64, 1)

    def forward(self, x, shared):
        self.encoder.memory = {} if shared else None
        return self.pi(self.encoder(x)), self.v(self.encoder(x))


def microseconds(function, repeats=2000):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return 1e6 * sorted(times)[repeats // 2]


torch.set_num_threads(1)
rl2, ours = Rl2(), rl2graph.compile(SPEC, env="CartPole-v1")
act = ours.entry(["pi", "v"])
with torch.no_grad():
    for batch in (1, 8, 64, 512):
        x = torch.randn(batch, 4)
        twice, cache, graph = (
            microseconds(f) for f in (lambda: rl2(x, False), lambda: rl2(x, True), lambda: act(x))
        )
        print(f"batch {batch:4}: twice {twice:6.1f} us, cache {cache:6.1f} us, rl2graph {graph:6.1f} us")

    memory, rl2.encoder.memory = {}, {}
    wrong = 0
    for step in range(100):  # a new tensor often gets the address, and so the id, of one that is gone
        observation = torch.full((1, 4), float(step))
        wrong += not torch.equal(rl2.encoder(observation), rl2.encoder.net(observation))
    print(f"a cache left on: {wrong} of 100 answers are another tensor's; rl2graph keeps no such state")
