"""The invariants that every pass must leave standing."""

from __future__ import annotations

from keyword import iskeyword

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.dims import Dim
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node
from rl2graph.ir.numbering import numbered
from rl2graph.ir.op import STATISTICS, Effect, TypeProblem, Weight
from rl2graph.ir.reserved import reserved
from rl2graph.ir.slots import moves_statistics
from rl2graph.ir.table import OPS, emitted_names
from rl2graph.ir.types import TensorType


def verify(graph: Graph, after: str) -> None:
    """Raises where the graph breaks an invariant; `after` names who made it.

    Operands come before their users; ops exist and take what they are given; types are what the shape rules
    infer; owners are declared once, fit the ops that read them and have paths that Python can write; nodes of
    one slot are one computation; statistics move in order, and those of targets never; constants feed
    arithmetic only.

    Raises:
        DiagnosticError: RLG701, a fault of rl2graph or of a pass, never of a spec.
    """
    judge = _Judge()
    for index, node in enumerate(graph.nodes):
        problem = _node_problem(graph, index, node, judge)
        if problem:
            raise _broken(after, f"node {index} ({node.op}): {problem}")
    parts = {part for owner in graph.owners for part in owner.path.split(".")}
    wrong = {part for part in parts if not part.isidentifier() or reserved(part) is not None}
    for owner in graph.owners if wrong else ():
        if not wrong.isdisjoint(owner.path.split(".")):
            raise _broken(after, f"`{owner.path}` cannot be an owner's path")
    emitted = emitted_names()
    for name in graph.inputs:
        if not name.isidentifier() or iskeyword(name) or name in emitted:
            raise _broken(after, f"`{name}` cannot be an input's name")
    _verify_inputs(graph, after)
    _verify_keys(graph, after)
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


def _verify_inputs(graph: Graph, after: str) -> None:
    """An input, or a part of one, has one type where it is known; one that is read whole has no parts."""
    known: dict[tuple[str, ...], TensorType | None] = {}
    for node in graph.nodes:
        if node.op != "input" or not node.type.known:
            continue
        path = (node.input_name, *node.input_path)
        for place, wanted in ((path, node.type), *((path[:n], None) for n in range(1, len(path)))):
            if known.setdefault(place, wanted) != wanted:
                raise _broken(after, f"the input {'.'.join(place)} is read in two ways")


def _verify_keys(graph: Graph, after: str) -> None:
    """No tensor lives where an owner, or the way to one, is."""
    paths = set(graph.owner)
    for path in graph.owner:
        while "." in path:
            path = path.rpartition(".")[0]
            paths.add(path)
    for owner in graph.owners:
        for weight in owner.weights:
            if f"{owner.path}.{weight.name}" in paths:
                raise _broken(after, f"{owner.path}.{weight.name} is a tensor, and an owner's path")


def _verify_effects(graph: Graph, after: str) -> None:
    """Slots are read by one computation each; call sites are numbered once, those that move one owner's
    statistics in the order of the graph.
    """
    _verify_slots(graph, after)
    sites: set[int] = set()
    last: dict[tuple[str | None, str], int] = {}
    for index, node in enumerate(graph.nodes):
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


def _verify_slots(graph: Graph, after: str) -> None:
    slots = [node.slot for node in graph.nodes if node.slot is not None]
    if len(set(slots)) == len(slots):
        return
    first: dict[str, int] = {}
    for index, (node, number) in enumerate(zip(graph.nodes, numbered(graph), strict=True)):
        if node.slot is not None and first.setdefault(node.slot, number) != number:
            raise _broken(after, f"node {index} ({node.op}): another computation has its slot `{node.slot}`")


def _node_problem(graph: Graph, index: int, node: Node, judge: _Judge) -> str | None:
    nodes, operands = graph.nodes, node.operands
    if node.op not in OPS:
        return "the op table does not know it"
    for operand in operands:
        if not 0 <= operand < index:
            return f"operands {operands} are not all earlier nodes"
    types = [nodes[operand].type for operand in operands]
    constants = [nodes[operand].op == "constant" for operand in operands]
    problem, tensors = judge.of(node, types, constants)
    if problem is not None:
        return problem
    owner = graph.owner.get(node.owner) if node.owner is not None else None
    if owner is None and (tensors or node.owner is not None):
        return f"its owner {node.owner} is not declared"
    if tensors is None:
        return None
    if owner is None or not tensors:
        return None if owner is None else "it has an owner but no weights"
    if owner.op != node.op or _tensors(owner.weights) != tensors:
        return f"its weights are not those of its owner {node.owner}"
    return None


_Tensors = list[tuple[str, tuple[Dim, ...]]]
_Judgement = tuple[str | None, _Tensors | None]


def _tensors(weights: tuple[Weight, ...]) -> _Tensors:
    """Names and shapes; how weights start is the spec's choice."""
    return [(weight.name, weight.shape) for weight in weights]


class _Judge:
    """What is wrong with a node in itself, and the tensors that it needs, None where shapes are not known.

    A large graph repeats few kinds of nodes, and each is looked at once. A judge serves one graph, so that it
    holds at most as many kinds as that has nodes.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], _Judgement] = {}

    def of(self, node: Node, types: list[TensorType], constants: list[bool]) -> _Judgement:
        """The judgement of a node on operands of these types, some of them constants."""
        at = node.version, node.evaluation is None, node.slot is None, node.owner is None
        try:
            key = (node.op, attribute_bits(node.attributes), *at, node.type, *types, *constants)
            known = self._known.get(key)
        except TypeError:  # attributes of a broken graph need not be hashable
            return _judgement(node, types, constants)
        if known is None:
            known = self._known[key] = _judgement(node, types, constants)
        return known


def _judgement(node: Node, types: list[TensorType], constants: list[bool]) -> _Judgement:
    op = OPS[node.op]
    fits = bool(types) or node.op == "unresolved" if op.variadic else len(types) in op.arities
    if not fits:
        return f"it has {len(types)} operands", None
    if op.effect is Effect.PURE and node.evaluation is not None:
        return "only an evaluation with an effect has a call site", None
    if node.version != ONLINE and (node.version != TARGET or node.owner is None):
        return f"it reads the version {node.version} of weights that it does not have", None
    if node.version != ONLINE and moves_statistics(node):
        return f"no statistics of the version {node.version} move", None
    quiet = op.effect is Effect.RANDOM and node.evaluation is None
    if (op.slotted and not quiet) != (node.slot is not None):
        return "it has a slot where it has no state and no noise, or none where it has", None
    if any(constants) and (not op.constants or all(constants)):
        return "a constant stands beside a tensor, and only where an op takes numbers", None
    if not all(type_.known for type_ in types) or not node.type.known:
        return None, None
    try:
        attributes = coerce_attributes(op, node.values)
        inferred = op.infer(types, node.values)
        weights = op.weights(types, node.values)
    except TypeProblem as found:
        return found.message, None
    if attribute_bits(attributes) != attribute_bits(node.attributes):
        return "its attributes are not in the signature's form", None
    if inferred != node.type and node.op != "joint":  # whose width is what the rest of the graph made of it
        return f"its type is {node.type}, the shape rule says {inferred}", None
    return None, _tensors(weights)


BY_HAND = ("reading its text", "from_networkx", "compile was given it")
"""What makes graphs of what people wrote."""


def _broken(after: str, problem: str) -> DiagnosticError:
    hint = "this is a fault of the compiler or of a pass, not of your spec; please report it"
    if after in BY_HAND:
        hint = "correct the graph: it was not made by the compiler"
    return DiagnosticError.of("RLG701", f"the graph after {after} is broken: {problem}", hint=hint)
