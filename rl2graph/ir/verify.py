"""The invariants that every pass must leave standing."""

from __future__ import annotations

from keyword import iskeyword

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node, attribute_bits
from rl2graph.ir.op import STATISTICS, Effect, TypeProblem, Weight
from rl2graph.ir.reserved import reserved
from rl2graph.ir.table import OPS, emitted_names


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
    emitted = emitted_names()
    for name in graph.inputs:
        if not name.isidentifier() or iskeyword(name) or name in emitted:
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
    _verify_effects(graph, after)
    if graph.provenance and len(graph.provenance) != len(graph.nodes):
        raise _broken(after, "provenance and nodes differ in number")


def _verify_effects(graph: Graph, after: str) -> None:
    """Slots are read by one op each; call sites are numbered once, those that move one owner's statistics in
    the order of the graph.
    """
    slots: dict[str, Node] = {}
    sites: set[int] = set()
    last: dict[tuple[str | None, str], int] = {}
    for index, node in enumerate(graph.nodes):
        if node.slot is not None and slots.setdefault(node.slot, node).op != node.op:
            raise _broken(after, f"two ops share the slot {node.slot}")
        if node.evaluation is None:
            continue
        if node.evaluation in sites:
            raise _broken(after, f"node {index} ({node.op}): its call site is that of another evaluation")
        sites.add(node.evaluation)
        if node.spec.effect in STATISTICS:
            if last.get((node.owner, node.version), -1) > node.evaluation:
                raise _broken(
                    after, f"node {index} ({node.op}): statistics of {node.owner} move out of order"
                )
            last[node.owner, node.version] = node.evaluation


def _node_problem(graph: Graph, index: int, node: Node) -> str | None:
    op = OPS.get(node.op)
    if op is None:
        return "the op table does not know it"
    if any(not 0 <= operand < index for operand in node.operands):
        return f"operands {node.operands} are not all earlier nodes"
    fits = bool(node.operands) or node.op == "unresolved" if op.variadic else len(node.operands) in op.arities
    if not fits:
        return f"it has {len(node.operands)} operands"
    if op.effect is Effect.PURE and node.evaluation is not None:
        return "only an evaluation with an effect has a call site"
    if node.version != ONLINE and (node.version != TARGET or node.owner is None):
        return f"it reads the version {node.version} of weights that it does not have"
    quiet = op.effect is Effect.RANDOM and node.evaluation is None
    if (op.slotted and not quiet) != (node.slot is not None):
        return "it has a slot where it has no state and no noise, or none where it has"
    constants = [graph.nodes[operand].op == "constant" for operand in node.operands]
    if any(constants) and (not op.constants or all(constants)):
        return "a constant stands beside a tensor, and only where an op takes numbers"
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
    if inferred != node.type and node.op != "joint":  # whose width is what the rest of the graph made of it
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
