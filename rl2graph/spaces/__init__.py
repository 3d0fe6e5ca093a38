"""Observation and action spaces as types of the language."""

from __future__ import annotations

from rl2graph.spaces.conversion import action_space, observation_space
from rl2graph.spaces.matching import match_spaces, with_dims
from rl2graph.spaces.types import (
    Box,
    Discrete,
    Image,
    Leaf,
    MultiBinary,
    MultiDiscrete,
    Record,
    Space,
    Vector,
    choices_of,
    leaves_of,
    unbounded,
)

__all__ = [
    "Box",
    "Discrete",
    "Image",
    "Leaf",
    "MultiBinary",
    "MultiDiscrete",
    "Record",
    "Space",
    "Vector",
    "action_space",
    "choices_of",
    "leaves_of",
    "match_spaces",
    "observation_space",
    "unbounded",
    "with_dims",
]
