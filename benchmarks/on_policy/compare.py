"""Both sides of each task: means over seeds, and a bootstrap interval of their difference.

    python -m benchmarks.on_policy.compare

Reads docs/results/on_policy/; prints a table for docs/algorithms.md. A seed is one number, the mean of 100
episodes; the interval is of the difference of the means of resampled seeds, ours less the peer's.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.on_policy.tasks import TASKS

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results" / "on_policy"
RESAMPLES = 20_000


def interval(ours: np.ndarray, theirs: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Percentile bootstrap interval of `mean(ours) - mean(theirs)` (Efron 1979), each side resampled."""
    rng = np.random.default_rng(0)
    means = [
        side[rng.integers(len(side), size=(RESAMPLES, len(side)))].mean(axis=1) for side in (ours, theirs)
    ]
    low, high = np.quantile(means[0] - means[1], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def returns(path: Path) -> np.ndarray:
    seeds = json.loads(path.read_text())["seeds"]
    return np.array([seeds[seed]["return_mean"] for seed in sorted(seeds, key=int)])


def main() -> None:
    print("| task | bar | ours, by seed | peer, by seed | difference of means | holds |")
    print("|---|---|---|---|---|---|")
    for name, task in TASKS.items():
        paths = RESULTS / f"{name}.json", RESULTS / f"sb3-{name}.json"
        if not all(path.is_file() for path in paths):
            print(f"| {name} | | | not run | | |")
            continue
        ours, theirs = map(returns, paths)
        low, high = interval(ours, theirs)
        both = ours.min() >= task.bar and theirs.min() >= task.bar
        holds = "yes" if high >= 0 or both else "no"
        shown = [" ".join(f"{value:.0f}" for value in side) for side in (ours, theirs)]
        print(f"| {name} | {task.bar:g} | {shown[0]} | {shown[1]} | [{low:.1f}, {high:.1f}] | {holds} |")


if __name__ == "__main__":
    main()
