"""One pass that gives policy and value, in microseconds: emitted code, the same module written by hand, and
the encoder evaluated twice, all in one run.

    python benchmarks/acting.py [REPEATS]
"""

import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

import rl2graph

SPEC = "encoder f(x) = mlp(x); pi = head(f(obs)); v = head(f(obs))"


class ByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(4, 128), nn.Linear(128, 64)
        self.pi, self.v = nn.Linear(64, 2), nn.Linear(64, 1)

    def forward(self, x):
        h = F.relu(self.two(F.relu(self.one(x))))
        return {"pi": self.pi(h), "v": self.v(h).squeeze(-1)}


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    torch.set_num_threads(1)
    literal, merged = (rl2graph.compile(SPEC, env="CartPole-v1", level=level) for level in (0, 1))
    functions = {
        "by hand": ByHand(),
        "-O1": merged.entry(["pi", "v"]),
        "-O0": literal.entry(["pi", "v"]),
    }
    with torch.inference_mode():
        for batch in (1, 8, 64, 512):
            x = torch.randn(batch, 4)
            times: dict[str, list[float]] = {name: [] for name in functions}
            for _ in range(repeats):
                for name, function in functions.items():
                    start = time.perf_counter()
                    function(x)
                    times[name].append(time.perf_counter() - start)
            medians = {name: 1e6 * statistics.median(found) for name, found in times.items()}
            shown = ", ".join(f"{name} {value:6.1f} us" for name, value in medians.items())
            print(f"batch {batch:4}: {shown}; -O1 / by hand {medians['-O1'] / medians['by hand']:.2f}")


if __name__ == "__main__":
    main()
