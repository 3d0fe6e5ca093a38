"""Running one application of an op."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import nn

from rl2graph.backend.codegen import emit_module
from rl2graph.backend.loading import load_class
from rl2graph.backend.numerics import float64, same_values
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import is_recurrent
from rl2graph.ops.applications import Trial


class Disagreement(Exception):
    """Two parts of an entry that say different things."""


def module_of(graph: Graph) -> nn.Module:
    """The emitted module of one application.

    Raises:
        Disagreement: where its code is no plain expression.
    """
    source = emit_module(graph, "Only")
    try:
        with float64(), torch.random.fork_rng(devices=[]):
            module: nn.Module = load_class(source, "Only")()
    except Exception as error:
        raise Disagreement(f"its emitted code does not load: {error}") from None
    if any(isinstance(part, ast.NamedExpr) for part in ast.walk(ast.parse(source))):
        raise Disagreement("its emission is no plain expression: it binds a name")
    if source.count("        return {") != 1:
        raise Disagreement("its emission is no expression")
    return module


def run(graph: Graph, module: nn.Module, given: Trial) -> dict[str, Any]:
    """What the module gives, with the trial's weights.

    Raises:
        Disagreement: where it fails, or changes what it was given.
    """
    before = {name: value.detach().clone() for name, value in given.inputs.items()}
    module.load_state_dict({name: value.detach() for name, value in given.weights.items()})
    extra: dict[str, Any] = {} if given.noise is None else {"noise": given.noise}
    if is_recurrent(graph):
        extra |= {"state": given.state, "resets": given.resets}
    try:
        with float64():
            result: dict[str, Any] = module(**given.inputs, **extra)
    except Exception as error:
        raise Disagreement(f"its emitted code fails: {type(error).__name__}: {error}") from None
    for name, value in before.items():
        if not same_values(value, given.inputs[name].detach()):
            raise Disagreement("its emitted code changes an operand")
    for name, value in module.state_dict().items():
        if not torch.equal(value, given.weights[name].detach()):
            raise Disagreement("its emitted code changes a weight in place")
    return result
