"""What several tests need: compiled programs, inputs that fit, golden texts."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from rl2graph.backend.numerics import float64 as float64
from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import Graph
from rl2graph.spaces import Discrete, Image, Space, Vector

VECTOR = Vector((4,))
IMAGE = Image((4, 84, 84))
TWO = Discrete(2)
GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parent.parent

SHARED = "encoder f(x) = mlp(x); pi = head(f(obs)); v = head(f(obs))"


def graph_of(text: str, observation: Space | None = VECTOR, action: Space | None = TWO) -> Graph:
    """The literal graph of a spec without errors."""
    analysis = analyse(parse(text), Interface(observation, action))
    assert analysis.graph is not None, "\n".join(map(str, analysis.diagnostics))
    return analysis.graph


def codes(text: str, observation: Space | None = VECTOR, action: Space | None = TWO) -> list[str]:
    """Codes of all findings about a spec."""
    return [d.code for d in analyse(parse(text), Interface(observation, action)).diagnostics]


def example(space: Space, batch: int = 3, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """A batch of observations of a space."""
    generator = torch.Generator().manual_seed(seed)
    type_ = space.tensor_type
    if type_.dtype == "u8":
        return torch.randint(0, 256, (batch, *type_.dims), generator=generator, dtype=torch.uint8)
    if isinstance(space, Discrete):
        return torch.randint(space.start, space.start + space.n, (batch,), generator=generator)
    return torch.randn(batch, *type_.dims, generator=generator, dtype=torch.float64).to(dtype)


def assert_golden(path: Path, text: str) -> None:
    """Compare with a golden file; `RL2GRAPH_UPDATE_GOLDEN=1` writes it instead."""
    if os.environ.get("RL2GRAPH_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no golden text {path.name}; RL2GRAPH_UPDATE_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8")
