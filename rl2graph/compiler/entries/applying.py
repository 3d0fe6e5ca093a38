"""Ops that an entry point applies to values of a spec."""

from __future__ import annotations

from rl2graph.compiler.entries.inputs import unknown
from rl2graph.compiler.entries.terms import Apply
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import Node
from rl2graph.ir.op import Effect, TypeProblem
from rl2graph.ir.table import OPS


def applied(term: Apply, operands: tuple[Node, ...]) -> Node:
    """The node of an application, without its operands' ids.

    Raises:
        KeyError: an op that there is not.
        ValueError: what the op does not take.
    """
    op = OPS.get(term.op)
    if op is None or not op.written:
        raise KeyError(unknown("op", term.op, [name for name, known in OPS.items() if known.written]))
    if op.has_weights:
        raise ValueError(f"{op.name} has weights, which the spec alone gives to its nodes")
    if term.draw and op.effect is not Effect.RANDOM:
        raise ValueError(f"{op.name} draws nothing, so there is no draw {term.draw} of it")
    numbers = [operand.op == "constant" for operand in operands]
    if any(numbers) and (not op.constants or all(numbers)):
        raise ValueError(f"{op.name} takes tensors, or numbers beside them where it is arithmetic")
    if not (bool(operands) if op.variadic else len(operands) in op.arities):
        raise ValueError(f"{op.name} does not take {len(operands)} operands")
    try:
        attributes = coerce_attributes(op, term.attributes)
        type_ = op.infer(tuple(operand.type for operand in operands), dict(attributes))
    except TypeProblem as problem:
        raise ValueError(problem.message) from None
    return Node(op.name, (), attributes, type_)
