"""One op on given tensors, as its emitted code computes it."""

from __future__ import annotations

import torch
from torch import nn

from rl2graph.backend.codegen import emit_module
from rl2graph.backend.loading import load_class
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import with_effects
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType
from rl2graph.ops.applications import application

DTYPES = {torch.float32: "f32", torch.int64: "i64"}


def one(name, *operands, batch=1, still=False, **attributes) -> Graph:
    """The graph of one application; `still` switches its effect off."""
    types = tuple(TensorType(DTYPES[x.dtype], tuple(x.shape[batch:])) for x in operands)
    graph = application(OPS[name], types, attributes)
    return with_effects(graph, ()) if still else graph


def module_of(graph, weights=None) -> nn.Module:
    """The emitted module, with weights as a torch module has them."""
    module = load_class(emit_module(graph, "Only"), "Only")()
    if weights is not None:
        module.load_state_dict({f"w.{name}": value for name, value in weights.items()})
    return module


def run(name, *operands, batch=1, still=False, weights=None, noise=None, **attributes):
    """All that the emitted code gives: `y`, and `statistics` where they move."""
    module = module_of(one(name, *operands, batch=batch, still=still, **attributes), weights)
    extra = {} if noise is None else {"noise": {f"s.{part}": value for part, value in noise.items()}}
    return module(**{f"x{i}": x for i, x in enumerate(operands)}, **extra)
