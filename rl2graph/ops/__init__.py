"""Ops of one's own: the parts that an entry of the op table is made of, and `register`; docs/ops.md has an
example.
"""

from __future__ import annotations

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
from rl2graph.ir.ops.rules import need_float, need_rank, same_type
from rl2graph.ir.types import TensorType, f32
from rl2graph.ops.registration import register

__all__ = [
    "Attribute",
    "Attributes",
    "Effect",
    "Emission",
    "Init",
    "Noise",
    "Op",
    "State",
    "TensorType",
    "TypeProblem",
    "Types",
    "Weight",
    "f32",
    "need_float",
    "need_rank",
    "register",
    "same_type",
]
