"""The invariants that every pass must leave standing."""

from __future__ import annotations

from keyword import iskeyword

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import Graph, Node, attribute_bits
from rl2graph.ir.op import Effect, TypeProblem, Weight
from rl2graph.ir.ops.elementwise import ARITHMETIC
from rl2graph.ir.reserved import EMITTED_NAMES, reserved
from rl2graph.ir.table import OPS


def verify(graph: Graph, after: str) -> None:
    """Raises where the graph breaks an invariant; `after` names who made it.

    Operands come before their users; ops exist and take what they are given; types are what the shape rules
    infer; owners are unique, fit the ops that read them and have paths that Python can write; constants feed
    arithmetic only.

    Raises:
        DiagnosticError: RLG701, a fault of rl2graph or of a pass, never of a spec.
    """
    for index, node in enumerate(graph.nodes):
        problem = _node_problem(graph, index, node)
        if problem:
            raise _broken(after, f"node {index} ({node.op}): {problem}")
    for owner in graph.owners:
        if not all(part.isidentifier() and reserved(part) is None for part in owner.path.split(".")):
            raise _broken(after, f"`{owner.path}` cannot be an owner's path")
    for name in graph.inputs:
        if not name.isidentifier() or iskeyword(name) or name in EMITTED_NAMES:
            raise _broken(after, f"`{name}` cannot be an input's name")
    if len(graph.owner) != len(graph.owners):
        raise _broken(after, "two owners have one path")
    if len(graph.output) != len(graph.outputs):
        raise _broken(after, "two outputs have one name")
    for output in graph.outputs:
        if not 0 <= output.node < len(graph.nodes):
            raise _broken(after, f"output {output.name} names node {output.node}")
        if graph.nodes[output.node].op == "constant":
            raise _broken(after, f"output {output.name} is a constant")
    if graph.provenance and len(graph.provenance) != len(graph.nodes):
        raise _broken(after, "provenance and nodes differ in number")


def _node_problem(graph: Graph, index: int, node: Node) -> str | None:
    op = OPS.get(node.op)
    if op is None:
        return "the op table does not know it"
    if any(not 0 <= operand < index for operand in node.operands):
        return f"operands {node.operands} are not all earlier nodes"
    if not (node.operands if op.variadic else len(node.operands) == len(op.operands)):
        return f"it has {len(node.operands)} operands"
    if (op.effect is Effect.PURE) != (node.evaluation is None):
        return "only an evaluation with an effect has a call site"
    constants = [graph.nodes[operand].op == "constant" for operand in node.operands]
    if any(constants) and (node.op not in ARITHMETIC or all(constants)):
        return "a constant is an operand of arithmetic with a tensor only"
    types = graph.operand_types(node)
    if not all(type_.known for type_ in types) or not node.type.known:
        return None
    try:
        attributes = coerce_attributes(op, node.values)
        inferred = op.infer(types, node.values)
        weights = op.weights(types, node.values)
    except TypeProblem as found:
        return found.message
    if attribute_bits(attributes) != attribute_bits(node.attributes):
        return "its attributes are not in the signature's form"
    if inferred != node.type:
        return f"its type is {node.type}, the shape rule says {inferred}"
    return _owner_problem(graph, node, weights)


def _owner_problem(graph: Graph, node: Node, weights: tuple[Weight, ...]) -> str | None:
    if not weights:
        return None if node.owner is None else "it has an owner but no weights"
    if node.owner is None or node.owner not in graph.owner:
        return f"its owner {node.owner} is not declared"
    owner = graph.owner[node.owner]
    if owner.op != node.op or not _same_tensors(owner.weights, weights):
        return f"its weights are not those of its owner {node.owner}"
    return None


def _same_tensors(one: tuple[Weight, ...], other: tuple[Weight, ...]) -> bool:
    """Whether names and shapes are equal; how weights start is the spec's choice."""
    return [(w.name, w.shape) for w in one] == [(w.name, w.shape) for w in other]


def _broken(after: str, problem: str) -> DiagnosticError:
    return DiagnosticError.of(
        "RLG701",
        f"the graph after {after} is broken: {problem}",
        hint="this is a fault of the compiler or of a pass, not of your spec; please report it",
    )
