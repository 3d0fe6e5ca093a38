"""What each op computes, by name; `input` is what the caller gives, `unresolved` and `joint` cannot run."""

from __future__ import annotations

from rl2graph.backend.reference import (
    activations,
    convolution,
    dense,
    distributions,
    elementwise,
    heads,
    inputs,
    losses,
    normalisation,
    pooling,
    reductions,
    shaping,
)
from rl2graph.backend.reference.evaluation import Semantics

SEMANTICS: dict[str, Semantics] = {
    name: semantics
    for module in (
        inputs,
        dense,
        convolution,
        pooling,
        normalisation,
        shaping,
        elementwise,
        activations,
        reductions,
        heads,
        distributions,
        losses,
    )
    for name, semantics in module.SEMANTICS.items()
}
