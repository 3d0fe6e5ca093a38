"""Running moments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rl2graph.agents.base import Array

Floats = NDArray[np.float64]


class Moments:
    """Mean and variance of all rows seen, in float64, by the parallel update of Chan, Golub and LeVeque
    (1983, "Algorithms for computing the sample variance").
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(shape)
        self.squares: Floats = np.zeros(shape)
        """Sum of squared deviations from the mean."""

    def update(self, rows: Array) -> None:
        """Counts `rows`, `[N, *shape]`."""
        added = len(rows)
        if not added:
            return
        # `reduce` and not `mean`: batches are small, and this is most of the cost.
        mean = np.add.reduce(rows, axis=0, dtype=np.float64) / added
        delta = mean - self.mean
        total = self.count + added
        within = np.add.reduce(np.square(rows - mean), axis=0)
        self.squares = self.squares + within + np.square(delta) * (self.count * added / total)
        self.mean = self.mean + delta * (added / total)
        self.count = total

    def deviation(self, epsilon: float) -> Floats:
        """`sqrt(variance + epsilon)`, of the population; before anything was seen, the variance is 1."""
        variance = self.squares / self.count if self.count else np.ones_like(self.squares)
        deviation: Floats = np.sqrt(variance + epsilon)
        return deviation

    def arrays(self) -> dict[str, Array]:
        """The state, exactly."""
        mean, squares = np.asarray(self.mean), np.asarray(self.squares)  # of numbers, they are scalars
        return {"count": np.array(self.count, np.int64), "mean": mean, "squares": squares}

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Goes on from a saved state; KeyError or ValueError where it is none of this shape."""
        count, mean, squares = arrays["count"], arrays["mean"], arrays["squares"]
        if mean.shape != self.mean.shape or squares.shape != self.mean.shape:
            raise ValueError(f"moments of shape {mean.shape} for observations of shape {self.mean.shape}")
        self.count = int(count)
        self.mean, self.squares = mean.astype(np.float64), squares.astype(np.float64)
