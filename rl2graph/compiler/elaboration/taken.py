"""The names that are there without a binding, none of which can be bound."""

from __future__ import annotations

from rl2graph.compiler.elaboration.presets import presets
from rl2graph.compiler.elaboration.values import Builtin
from rl2graph.compiler.interface import INPUTS
from rl2graph.ir.table import OPS
from rl2graph.lang.words import WORDS

BUILTINS = {
    builtin.name: builtin
    for builtin in (
        Builtin("head", ("x", "out", "role")),
        Builtin("by_shape", ("x", "vector", "image", "other")),
        Builtin("by_parts", ("x", "each"), required=2),
        Builtin("pyramid", ("x",)),
        Builtin("range", ("count",)),
        Builtin("dim_of", ("x", "axis")),
        Builtin("choices", (), required=0),
        Builtin("split", ("x", "sizes", "axis"), required=2),
        Builtin("joint", ("x",)),
    )
}


def taken(name: str) -> str | None:
    """What a name is in every spec; None for one that is free."""
    if name in WORDS:
        return "it is a word of the language"
    if name in BUILTINS or (name in OPS and OPS[name].written):
        return f"`{name}` is an op"
    if name in presets().bindings:
        return f"`{name}` is a preset"
    return f"`{name}` is an input" if name in INPUTS else None
