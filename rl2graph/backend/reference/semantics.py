"""What each op computes, by name; `input` is what the caller gives, `unresolved` and `joint` cannot run."""

from __future__ import annotations

from rl2graph.backend.reference import (
    activations,
    attention,
    conversion,
    convolution,
    dense,
    distributions,
    elementwise,
    gradients,
    heads,
    inputs,
    losses,
    normalisation,
    parameters,
    pooling,
    products,
    random,
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
        random,
        parameters,
        shaping,
        gradients,
        elementwise,
        activations,
        reductions,
        products,
        heads,
        distributions,
        losses,
        recurrence,
    )
    for name, semantics in module.SEMANTICS.items()
}
