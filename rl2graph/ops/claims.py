"""What an entry claims for the passes that rely on it: copies, neutral numbers, idempotence, spellings."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from rl2graph.backend.numerics import same_values
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph, Node, Output
from rl2graph.ir.op import as_given
from rl2graph.ir.slots import with_effects
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify
from rl2graph.ops.applications import Trial, application, trial
from rl2graph.ops.running import Disagreement, module_of, run

_EDGES = (-0.0, 0.0, float("inf"), -float("inf"), float("nan"), 1.0, -1.0, 1e-310)
"""What an operand holds beside random numbers: where a claim about bits goes wrong first."""


def check_claims(graph: Graph, seed: int) -> None:
    """Try what the op of one application claims of it, bit for bit, in values and gradients.

    Raises:
        Disagreement: a claim that does not hold.
    """
    node = graph.nodes[-1]
    types, op = graph.operand_types(node), node.spec
    given = _with_edges(trial(graph, (5,), seed, noisy=False))
    if op.passes_on(types, node.values, node.type):
        _same_as_operand(with_effects(graph, ()), given, "passes its operand on")
    if op.idempotent:
        _check_idempotent(graph, given)
    if op.canonical is not as_given:
        _check_canonical(graph, given)
    for place, number in op.neutral.items():
        beside = _beside(node, place, number)
        text = f"gives its other operand beside {number!r} as operand {place}"
        _same_as_operand(beside, _with_edges(trial(beside, (5,), seed)), text)


def _check_idempotent(graph: Graph, given: Trial) -> None:
    node = graph.nodes[-1]
    if graph.operand_types(node) != (node.type,) or node.owner is not None:
        raise Disagreement("it is called idempotent, but its result is no operand of its own")
    again = node.over((len(graph.nodes) - 1,))
    twice = replace(graph, nodes=(*graph.nodes, again), outputs=(Output("y", None, len(graph.nodes)),))
    _same(graph, twice, given, "is idempotent")


def _check_canonical(graph: Graph, given: Trial) -> None:
    node = graph.nodes[-1]
    types = graph.operand_types(node)
    spelt = node.spec.canonical(types, node.values, node.type)
    if node.spec.canonical(types, spelt, node.type) != spelt:
        raise Disagreement("its canonical attributes have other canonical attributes")
    other = replace(node, attributes=tuple((name, spelt[name]) for name, _ in node.attributes))
    respelt = replace(graph, nodes=(*graph.nodes[:-1], other))
    try:
        verify(respelt, "canonicalise")
    except DiagnosticError as error:
        raise Disagreement(f"its canonical attributes do not fit: {error.diagnostics[0].message}") from None
    _same(graph, respelt, given, "has canonical attributes that mean the same")


def _beside(node: Node, place: int, number: float) -> Graph:
    """The op applied to an input and a number."""
    tensor = application(node.spec, (f32(5), f32(5)), node.values).nodes[0]
    constant = Node("constant", (), (("value", number),), f32())
    operands = (1, 0) if place == 0 else (0, 1)
    applied = replace(node, operands=operands, type=tensor.type)
    return Graph((tensor, constant, applied), (Output("y", None, 2),), ())


def _same_as_operand(graph: Graph, given: Trial, claim: str) -> None:
    first = replace(graph, outputs=(Output("y", None, 0),))
    inputs = {name: given.inputs[name] for name in graph.inputs}
    _same(first, graph, Trial(inputs, given.weights, None, None, None), claim)


def _same(graph: Graph, other: Graph, given: Trial, claim: str) -> None:
    leaves = [x for x in given.inputs.values() if x.requires_grad]
    one, two = (run(g, module_of(g), given)["y"] for g in (graph, other))
    if not same_values(one, two):
        raise Disagreement(f"it claims that it {claim}, but values differ")
    if not one.requires_grad and not two.requires_grad:
        return
    scale = torch.linspace(-1, 1, one.numel(), dtype=one.dtype).reshape(one.shape)
    wanted, got = (torch.autograd.grad((y * scale).sum(), leaves, allow_unused=True) for y in (one, two))
    for a, b in zip(wanted, got, strict=True):
        if (a is None) != (b is None) or (a is not None and b is not None and not _close(a, b)):
            raise Disagreement(f"it claims that it {claim}, but gradients differ")


def _with_edges(given: Trial) -> Trial:
    """The trial with edge cases among the first operand's values."""
    x = given.inputs.get("x0")
    if x is None or not x.is_floating_point():
        return given
    value = x.detach().clone().reshape(-1)
    edges = torch.tensor(_EDGES, dtype=x.dtype)[: len(value)]
    value[: len(edges)] = edges
    inputs = {**given.inputs, "x0": value.reshape(x.shape).requires_grad_(x.requires_grad)}
    return replace(given, inputs=inputs)


def _close(one: Tensor, two: Tensor) -> bool:
    return torch.allclose(one, two, rtol=1e-12, atol=1e-12, equal_nan=True)
