"""Ops of one's own: the parts that an entry of the op table is made of, and `register`; docs/ops.md has an
example.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rl2graph.ir.dims import equal
from rl2graph.ir.op import (
    Attribute,
    Attributes,
    Effect,
    Emission,
    Init,
    Noise,
    Op,
    State,
    TypeProblem,
    Types,
    Weight,
)
from rl2graph.ir.ops.rules import integer, need_float, need_rank, same_type
from rl2graph.ir.types import TensorType, f32
from rl2graph.ops.registration import register

if TYPE_CHECKING:
    from rl2graph.backend.reference.evaluation import Evaluation

__all__ = [
    "Attribute",
    "Attributes",
    "Effect",
    "Emission",
    "Evaluation",
    "Init",
    "Noise",
    "Op",
    "State",
    "TensorType",
    "TypeProblem",
    "Types",
    "Weight",
    "equal",
    "f32",
    "integer",
    "need_float",
    "need_rank",
    "register",
    "same_type",
]


def __getattr__(name: str) -> object:
    if name == "Evaluation":  # late, for it imports torch
        from rl2graph.backend.reference.evaluation import Evaluation

        return Evaluation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
