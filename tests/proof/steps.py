"""What terms ask for, said without composing a graph: which evaluations, each over which others.

A composition is right where its nodes are those evaluations, one for one. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rl2graph.compiler.entries.terms import Apply, Call, Input, Number, Term
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node
from rl2graph.ir.op import STATISTICS, Effect
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.proof.laws import same_attributes
from tests.proof.terms import encoding


@dataclass(frozen=True, slots=True)
class Step:
    """One evaluation: a node of the spec or an applied op, over other steps.

    Attributes:
        node: the op, attributes, type, owner and version; its own operands say nothing.
        acts: whether it draws noise or moves statistics.
    """

    node: Node
    operands: tuple[int, ...]
    acts: bool

    def is_(self, node: Node) -> bool:
        """Whether a node is this evaluation, but for what it reads."""
        own = self.node
        return (
            (own.op, own.type, own.owner, own.version, self.acts, len(self.operands))
            == (node.op, node.type, node.owner, node.version, node.evaluation is not None, len(node.operands))
        ) and (own.attributes is node.attributes or same_attributes(own, node))


class Mismatch(Exception):
    """What a composition has and its terms do not ask for, or the other way round."""


@dataclass(slots=True)
class Steps:
    """The steps of terms over a spec's literal graph, where these effects happen.

    An evaluation of the spec is one and the same for all terms that give it the same operands and the same
    weights: then it draws once.
    """

    graph: Graph
    effects: Collection[Effect]
    steps: list[Step] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)

    def of(self, term: Term, bind: Mapping[str, Term], version: str) -> int:
        """The step that gives the value of a term where inputs stand for what `bind` says."""
        match term:
            case str():
                return self._output(term, bind, version)
            case Call(output, inner, its_version):
                return self._output(output, inner, its_version or version)
            case Number(value):
                node = Node("constant", (), (("value", value),), f32())
                return self._step(("number", value.hex()), node, (), False)
            case Apply(op, terms, attributes, number):
                operands = tuple([self.of(operand, bind, version) for operand in terms])
                types = tuple([self.steps[operand].node.type for operand in operands])
                given = coerce_attributes(OPS[op], attributes)
                node = Node(op, (), given, OPS[op].infer(types, dict(given)))
                acts = node.spec.effect is not Effect.PURE and node.spec.effect in self.effects
                return self._step((op, repr(given), operands, number), node, operands, acts)
        raise TypeError(term)

    def _output(self, name: str, bind: Mapping[str, Term], version: str) -> int:
        root = self.graph.output[name].node
        live = self.graph.live([root])
        steps: dict[int, int] = {}
        for index, node in enumerate(self.graph.nodes):
            if live[index] and node.op == "input":
                self._given(index, node, bind, version, steps)
        for index, node in enumerate(self.graph.nodes[: root + 1]):
            if live[index] and index not in steps:
                operands = tuple([steps[operand] for operand in node.operands])
                steps[index] = self._evaluated(index, node, operands, version)
        return steps[root]

    def _given(
        self, index: int, node: Node, bind: Mapping[str, Term], version: str, steps: dict[int, int]
    ) -> None:
        """The step of an input, or of what encodes it where that is bound."""
        name, path = node.input_name, node.input_path
        part = bind.get(".".join((name, *path)))
        stand_in = bind.get(name) if part is None else part
        if stand_in is None or isinstance(stand_in, Input):
            if stand_in is not None:  # in a part's place it is an input of its own
                name, path = stand_in.name, path if part is None else ()
                given: dict[str, Any] = {"name": name, "path": path}
                node = replace(node, attributes=tuple((k, given.get(k, v)) for k, v in node.attributes))
            steps[index] = self._step(("input", name, path), node, (), False)
            return
        *encoded, last = encoding(self.graph, index)
        steps |= dict.fromkeys(encoded, -1)  # which nothing else reads
        steps[last] = self.of(stand_in, bind, version)

    def _evaluated(self, index: int, node: Node, operands: tuple[int, ...], version: str) -> int:
        if node.owner is None:
            version = node.version
        acts = node.evaluation is not None and node.spec.effect in self.effects
        acts = acts and not (version == TARGET and node.spec.effect in STATISTICS)
        node = node if version == node.version else replace(node, version=version)
        return self._step((index, operands, version), node, operands, acts)

    def _step(self, key: Any, node: Node, operands: tuple[int, ...], acts: bool) -> int:
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(Step(node, operands, acts))
        return self._known[key]


def composition_faults(
    literal: Graph, terms: Mapping[str, Term], composed: Graph, effects: Collection[Effect]
) -> Iterator[str]:
    """Where a composition is not what its terms ask for, evaluations with noise and statistics among them."""
    try:
        matched(literal, terms, composed, effects)
    except Mismatch as problem:
        yield f"the composition: {problem}"


def matched(
    literal: Graph, terms: Mapping[str, Term], composed: Graph, effects: Collection[Effect]
) -> tuple[Steps, list[int]]:
    """The steps of some terms, and for each node of their composition the step that it is.

    Raises:
        Mismatch: where its nodes are not those steps, one for one.
    """
    steps = Steps(literal, effects)
    if [output.name for output in composed.outputs] != [*terms]:
        raise Mismatch("its outputs are not the terms, in their order")
    found: dict[int, int] = {}
    node_of: dict[int, int] = {}
    waiting = [
        (output.node, steps.of(terms[output.name], {}, ONLINE), output.name) for output in composed.outputs
    ]
    waiting.reverse()
    while waiting:
        index, step, name = waiting.pop()
        if found.setdefault(index, step) != step or node_of.setdefault(step, index) != index:
            raise Mismatch(
                f"{name} {'shares' if found[index] != step else 'repeats'} {_shown(composed, index)}"
            )
        if not steps.steps[step].is_(composed.nodes[index]):
            raise Mismatch(
                f"{name} has {_shown(composed, index)} where its term has {steps.steps[step].node.op}"
            )
        pairs = zip(composed.nodes[index].operands, steps.steps[step].operands, strict=True)
        waiting += [(operand, its, name) for operand, its in pairs if found.get(operand) != its]
    if len(found) != len(composed.nodes):
        raise Mismatch("it has nodes that no output needs")
    return steps, [found[index] for index in range(len(composed.nodes))]


def _shown(graph: Graph, index: int) -> str:
    return f"%{index} {graph.nodes[index].op}"
