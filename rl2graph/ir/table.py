"""The op table: every op by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

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
    noise,
    normalisation,
    parameters,
    pooling,
    products,
    recurrence,
    reductions,
    shaping,
)
from rl2graph.ir.reserved import EMITTED_NAMES

FAMILIES = {
    "Inputs": (inputs, conversion),
    "Layers": (dense, convolution, pooling, normalisation, attention, noise, parameters),
    "Recurrence": (recurrence,),
    "Shapes": (shaping, joining, indexing),
    "Gradients": (gradients,),
    "Elementwise": (elementwise, activations),
    "Reductions and products": (reductions, products),
    "Heads": (heads,),
    "Distributions": (choices, distributions),
    "Losses": (losses,),
}
"""The modules of the table by what their ops are about."""

OPS: dict[str, Op] = {op.name: op for modules in FAMILIES.values() for module in modules for op in module.OPS}
"""Every op by its name; `rl2graph.ops.register` adds to it."""


def families() -> dict[str, list[Op]]:
    """The ops that a spec may name, by family; those that users registered come last."""
    listed = {
        family: [op for module in modules for op in module.OPS if op.written]
        for family, modules in FAMILIES.items()
    }
    own = {op.name for ops in listed.values() for op in ops}
    listed["Registered"] = [op for op in OPS.values() if op.written and op.name not in own]
    return {family: ops for family, ops in listed.items() if ops}


def functions_of(helpers: Iterable[str]) -> Iterator[str]:
    """Names of the functions that helpers of emitted code define."""
    for helper in helpers:
        yield from _functions(helper)


@cache
def _functions(helper: str) -> tuple[str, ...]:
    return tuple(re.findall(r"^def (\w+)", helper, re.MULTILINE))


def emitted_names() -> set[str]:
    """Names that emitted code may use for itself, and that no input can have."""
    return {*EMITTED_NAMES, *(name for op in OPS.values() for name in functions_of(op.helpers))}
