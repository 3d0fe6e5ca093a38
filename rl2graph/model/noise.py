"""The random numbers of an evaluation, from streams of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

import torch
from torch import Tensor

from rl2graph.ir.op import Noise


def draw_noise(
    schema: Mapping[str, Noise],
    batch: Sequence[int],
    *,
    seed: int,
    counter: int,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> dict[str, Tensor]:
    """Noise for one evaluation over a batch of that shape.

    Each tensor comes from a stream keyed by seed, call site and counter, so that pruning and merging change
    no draw, and torch's generators are never touched.
    """
    drawn = {}
    for name, noise in schema.items():
        key = sha256(f"{seed}|{counter}|{name}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(key[:8], "little") >> 1)
        make = torch.randn if noise.distribution == "normal" else torch.rand
        shape = (*(() if noise.shared else batch), *noise.shape)
        drawn[name] = make(shape, generator=generator, dtype=dtype).to(device)  # type: ignore[arg-type]
    return drawn
