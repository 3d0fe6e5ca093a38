"""Initial weights: a function of seed, owner path, tensor, shape and init rule alone."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import torch

from rl2graph.ir.graph import Owner
from rl2graph.ir.op import Weight


def initial_weight(seed: int, path: str, weight: Weight) -> torch.Tensor:
    """The first value of one tensor, float32, from a generator of its own.

    Adding a head, pruning or merging therefore changes no other owner's start, and torch's generators are
    never touched.
    """
    if weight.init.rule == "constant":
        return torch.full(weight.shape, weight.init.value, dtype=torch.float32)
    key = f"{path}.{weight.name}|{list(weight.shape)}|{weight.init.rule}"
    words = np.frombuffer(sha256(key.encode()).digest(), dtype="<u4")
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *map(int, words)])))
    matrix = _orthogonal(generator, weight.shape[0], int(np.prod(weight.shape[1:], dtype=int)))
    scaled = (weight.init.value * matrix).reshape(weight.shape)
    return torch.from_numpy(np.ascontiguousarray(scaled, dtype=np.float32))


def initial_weights(seed: int, owners: tuple[Owner, ...]) -> dict[str, torch.Tensor]:
    """Initial values of all owners' tensors by state_dict key."""
    return {
        f"{owner.path}.{weight.name}": initial_weight(seed, owner.path, weight)
        for owner in owners
        for weight in owner.weights
    }


def _orthogonal(
    generator: np.random.Generator, rows: int, columns: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A matrix with orthonormal rows or columns, uniform over such (Saxe et al. 2014; Mezzadri 2007)."""
    tall = generator.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    # The sign of R's diagonal is LAPACK's choice; fixing it makes the distribution uniform.
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return q if rows >= columns else np.ascontiguousarray(q.T)
