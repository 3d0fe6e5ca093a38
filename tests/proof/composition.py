"""What an entry point means, without composing a graph: outputs as functions, applied from the inside out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.reference.evaluation import Evaluation
from rl2graph.backend.reference.semantics import SEMANTICS
from rl2graph.compiler.entries.terms import Apply, Call, Input, Number, Term
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import TARGET, Graph, Node
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.proof.terms import encoding, input_name


@dataclass(slots=True)
class Meanings:
    """Evaluates terms over a spec's literal graph, without noise, statistics as they are, state zero.

    Attributes:
        inputs: of the entry, by name. `online`, `target`: weights by key.
    """

    graph: Graph
    inputs: Mapping[str, Any]
    batch: tuple[int, ...]
    online: Mapping[str, Tensor]
    target: Mapping[str, Tensor]

    def of(self, term: Term, bind: Mapping[str, Term], version: str) -> Tensor:
        """The value of a term where inputs stand for what `bind` says."""
        match term:
            case str():
                return self._output(term, bind, version)
            case Call(output, inner, its_version):
                return self._output(output, inner, its_version or version)
            case Number(value):
                return torch.tensor(value, dtype=torch.float64)
            case Apply(op, operands, attributes):
                values = tuple(self.of(operand, bind, version) for operand in operands)
                types = tuple(f32(*value.shape[len(self.batch) :]) for value in values)
                given = coerce_attributes(OPS[op], attributes)
                node = Node(op, (), given, OPS[op].infer(types, dict(given)))
                return self._evaluated(node, values, {})
        raise TypeError(term)

    def _output(self, name: str, bind: Mapping[str, Term], version: str) -> Tensor:
        root = self.graph.output[name].node
        live = self.graph.live([root])
        values: dict[int, Tensor] = {}
        for index, node in enumerate(self.graph.nodes):
            if live[index] and node.op == "input":
                self._given(index, node, bind, version, values)
        for index, node in enumerate(self.graph.nodes[: root + 1]):
            if live[index] and index not in values:
                operands = tuple(values[operand] for operand in node.operands)
                values[index] = self._evaluated(node, operands, self._weights(node, version))
        return values[root]

    def _given(
        self, index: int, node: Node, bind: Mapping[str, Term], version: str, values: dict[int, Tensor]
    ) -> None:
        """The value of an input, or of what encodes it where that is bound."""
        whole, *_ = name = input_name(node).split(".")
        stand_in = bind.get(".".join(name), bind.get(whole))
        if stand_in is None or isinstance(stand_in, Input):
            value: Any = self.inputs[whole if stand_in is None else stand_in.name]
            for part in name[1:]:
                value = value[part]
            values[index] = value.double() if value.is_floating_point() else value
            return
        *encoded, last = encoding(self.graph, index)
        values |= dict.fromkeys(encoded, torch.empty(0))  # which nothing else reads
        values[last] = self.of(stand_in, bind, version)

    def _weights(self, node: Node, version: str) -> dict[str, Tensor]:
        source = self.target if version == TARGET else self.online
        if node.owner is None:
            return {}
        names = [weight.name for weight in self.graph.owner[node.owner].weights]
        return {name: source[f"{node.owner}.{name}"] for name in names}

    def _evaluated(self, node: Node, operands: tuple[Tensor, ...], weights: dict[str, Tensor]) -> Tensor:
        types = self.graph.operand_types(node) if node.operands else ()
        state = {
            part.name: torch.zeros(*self.batch, *part.shape, dtype=torch.float64)  # type: ignore[arg-type]
            for part in node.spec.state(types, node.values)
        }
        given = Evaluation(node, operands, weights, torch.Size(self.batch), torch.float64, state)
        return SEMANTICS[node.op](given)
