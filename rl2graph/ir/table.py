"""The op table: every op by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rl2graph.ir.op import Op
from rl2graph.ir.ops import (
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
    normalisation,
    pooling,
    products,
    random,
    reductions,
    shaping,
)
from rl2graph.ir.reserved import EMITTED_NAMES

OPS: dict[str, Op] = {
    op.name: op
    for module in (
        inputs,
        conversion,
        dense,
        convolution,
        pooling,
        normalisation,
        attention,
        random,
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
    )
    for op in module.OPS
}
"""Every op by its name; `rl2graph.ops.register` adds to it."""


def functions_of(helpers: Iterable[str]) -> Iterator[str]:
    """Names of the functions that helpers of emitted code define."""
    for helper in helpers:
        yield from re.findall(r"^def (\w+)", helper, re.MULTILINE)


def emitted_names() -> set[str]:
    """Names that emitted code may use for itself, and that no input can have."""
    return {*EMITTED_NAMES, *(name for op in OPS.values() for name in functions_of(op.helpers))}
