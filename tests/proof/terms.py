"""Random entry points: compositions of a spec's outputs, other inputs, targets and applied ops."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from rl2graph.compiler.entries.terms import Apply, Call, Input, Term
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import LOSS, Graph, Node
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType

KEEPING = ("tanh", "relu", "neg", "detach", "sigmoid", "abs")
"""Ops that keep their operand's type."""

NUMBERS = (0.5, -1.5, 0.0, -0.0, 1.0, 2)
FREE = tuple(
    name
    for name, op in OPS.items()
    if op.written and op.operands and op.stable and not op.has_weights and not op.has_state
)
ENCODING = ("one_hot", "one_hots", "as_float", "scale_image", "channels_first")
"""By these a graph reads what an environment gives."""


class Terms:
    """Draws terms over a spec's literal graph."""

    def __init__(self, graph: Graph, random: Random) -> None:
        self.graph = graph
        self.random = random
        self.types = {o.name: graph.nodes[o.node].type for o in graph.outputs if o.role != LOSS}
        self.reads = {name: self._read(name) for name in self.types}

    def entry(self) -> dict[str, Term]:
        """Terms for the outputs of an entry, by the names that they get."""
        count = self.random.randint(1, 4)
        return {f"o{index}": self._output(2) for index in range(count)}

    def _output(self, depth: int) -> Term:
        roll = self.random.random()
        if depth and roll < 0.25:
            applied = self._applied(depth)
            if applied is not None:
                return applied
        return self.random.choice([*self.types]) if roll < 0.35 else self._call(depth)

    def _call(self, depth: int, among: list[str] | None = None) -> Call:
        name = self.random.choice(among or [*self.types])
        return Call(name, self._bind(name, depth), self.random.choice(("online", None, "target")))

    def _bind(self, output: str, depth: int) -> Mapping[str, Term]:
        bind: dict[str, Term] = {}
        for name, type_ in self.reads[output].items():
            roll = self.random.random()
            if roll < 0.4:
                continue
            term = self._of_type(type_, depth - 1) if depth and type_ is not None and roll < 0.8 else None
            bind[name] = Input(f"next_{name.replace('.', '_').replace(' ', '_')}") if term is None else term
        return bind

    def _of_type(self, type_: TensorType, depth: int) -> Term | None:
        fitting = [name for name, its in self.types.items() if its == type_]
        if not fitting:
            return None
        term: Term = self._call(depth, fitting)
        while self.random.random() < 0.4:
            number = self.random.choice(NUMBERS)
            sign = self.random.choice(("add", "sub", "mul"))
            term = self.random.choice(
                (Apply(self.random.choice(KEEPING), term), Apply(sign, term, number),
                 Apply(sign, number, term), Apply("minimum", term, term))
            )  # fmt: skip
        return term

    def _applied(self, depth: int) -> Term | None:
        op = OPS[self.random.choice(FREE)]
        count = self.random.randint(1, 3) if op.variadic else len(op.operands)
        names = [self.random.choice([*self.types]) for _ in range(count)]
        types = tuple(self.types[name] for name in names)
        attributes = op.sample(self.random, types)
        if attributes is None:
            return None
        try:
            op.infer(types, dict(coerce_attributes(op, attributes)))
        except TypeProblem:
            return None
        return Apply(op.name, *tuple(self._call(depth - 1, [name]) for name in names), **attributes)

    def _read(self, output: str) -> dict[str, TensorType | None]:
        """The inputs, and parts of inputs, that an output reads; None in place of a type that only another
        input can have.
        """
        live = self.graph.live([self.graph.output[output].node])
        found: dict[str, TensorType | None] = {}
        for index, node in enumerate(self.graph.nodes):
            if live[index] and node.op == "input":
                found[input_name(node)] = self.graph.nodes[encoding(self.graph, index)[-1]].type
        return found


def input_name(node: Node) -> str:
    """What an input, or a part of one, is bound by."""
    given = dict(node.attributes)
    return ".".join([given["name"], *given["path"]])  # type: ignore[list-item, misc]


def encoding(graph: Graph, index: int) -> list[int]:
    """An input and the nodes that encode it one after the other; a bound value stands for the last."""
    chain = [index]
    while True:
        readers = {user for user, node in enumerate(graph.nodes) if chain[-1] in node.operands}
        if len(readers) != 1 or graph.nodes[min(readers)].op not in ENCODING:
            return chain
        chain += readers
