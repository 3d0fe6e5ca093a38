"""A recurrent layer over sequences with resets: ours, a loop of cells, and torch's layer, without resets.

    python benchmarks/recurrence.py [RUNS]

Forward and backward, one thread; medians of RUNS (15) rounds in which the contestants take turns. The loop of
cells is what libraries do that respect resets; `nn.LSTM` is the bound that no resets allow.
"""

import statistics
import sys
import time

import torch
from torch import nn

import rl2graph
from rl2graph.spaces import Vector, unbounded

FEATURES, HIDDEN, STEPS, BATCH = 64, 128, 128, 16


def contestants(every):
    """Functions that run one sequence; episodes end every so many steps, at other times in each slot."""
    torch.manual_seed(0)
    model = rl2graph.compile(
        f"h = lstm(obs, {HIDDEN})\noutput h: aux",
        observation_space=Vector((FEATURES,)),
        action_space=unbounded((1,)),
    )
    entry = model.entry(["h"])
    cell = nn.LSTMCell(FEATURES, HIDDEN)
    cell.load_state_dict(model.h.state_dict())
    layer = nn.LSTM(FEATURES, HIDDEN)
    layer.load_state_dict({f"{name}_l0": value for name, value in model.h.state_dict().items()})
    obs = torch.randn(STEPS, BATCH, FEATURES)
    steps, slots = torch.arange(STEPS)[:, None], torch.arange(BATCH)[None]
    resets = (steps + slots * every // BATCH) % every == 0

    def ours():
        return entry(obs, resets=resets)["h"]

    def cells():
        hidden = memory = torch.zeros(BATCH, HIDDEN)
        outputs = []
        for x, reset in zip(obs, resets, strict=True):
            keep = (~reset)[:, None]
            hidden, memory = cell(x, (hidden * keep, memory * keep))
            outputs.append(hidden)
        return torch.stack(outputs)

    def torchs():
        return layer(obs)[0]

    assert torch.allclose(ours(), cells(), atol=1e-5)
    return {"rl2graph": ours, "loop of cells": cells, "nn.LSTM, no resets": torchs}


def measure(functions, runs):
    """Milliseconds, medians."""
    taken = {name: [] for name in functions}
    for _ in range(runs + 1):  # the first round warms up
        for name, function in functions.items():
            start = time.perf_counter()
            function().sum().backward()
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def main():
    torch.set_num_threads(1)
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"{STEPS} steps, {BATCH} environments, {FEATURES} features, {HIDDEN} units")
    for every in (500, 64, 16):
        found = measure(contestants(every), runs)
        base = found["loop of cells"]
        shown = ", ".join(f"{name} {ms:.1f} ms ({base / ms:.1f}x)" for name, ms in found.items())
        print(f"episodes of {every} steps: {shown}")


if __name__ == "__main__":
    main()
