"""What each op computes, by name; `input` is what the caller gives, `unresolved` and `joint` cannot run."""

from __future__ import annotations

from rl2graph.backend.reference import (
    activations,
    attention,
    choices,
    conversion,
    convolution,
    dense,
    distributions,
    elementwise,
    gradients,
    heads,
    indexing,
    inputs,
    joining,
    losses,
    noise,
    normalisation,
    parameters,
    pooling,
    products,
    recurrence,
    reductions,
    shaping,
)
from rl2graph.backend.reference.evaluation import Semantics

SEMANTICS: dict[str, Semantics] = {
    name: semantics
    for module in (
        inputs,
        conversion,
        dense,
        convolution,
        pooling,
        normalisation,
        attention,
        noise,
        parameters,
        shaping,
        joining,
        indexing,
        gradients,
        elementwise,
        activations,
        reductions,
        products,
        heads,
        choices,
        distributions,
        losses,
        recurrence,
    )
    for name, semantics in module.SEMANTICS.items()
}
