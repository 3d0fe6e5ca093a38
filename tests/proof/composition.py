"""What an entry point means, without composing a graph: outputs as functions, applied from the inside out.

`Meanings` is without noise and statistics, `effect_faults` with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.numerics import same_values
from rl2graph.backend.reference.evaluation import Evaluation
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.backend.reference.semantics import SEMANTICS
from rl2graph.compiler.entries.terms import Apply, Call, Input, Number, Term
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import TARGET, Graph, Node
from rl2graph.ir.op import Effect
from rl2graph.ir.slots import moves_statistics, noise_of
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from tests.proof.draws import Draw
from tests.proof.rounding import flat
from tests.proof.steps import Mismatch, Steps, matched
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
        whole, *path = input_name(node).split(".")
        part = bind.get(input_name(node))
        stand_in = bind.get(whole) if part is None else part
        if stand_in is None or isinstance(stand_in, Input):
            value: Any = self.inputs[whole if stand_in is None else stand_in.name]
            for name in path if part is None else ():  # in a part's place an input is one of its own
                value = value[name]
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


def effect_faults(
    literal: Graph, terms: Mapping[str, Term], composed: Graph, effects: Collection[Effect], drawn: Draw
) -> Iterator[str]:
    """Where a composition in a mode is not what its terms ask for: by its evaluations, and by value with
    noise, statistics that move, and a state.
    """
    try:
        steps, found = matched(literal, terms, composed, effects)
    except Mismatch as problem:
        yield f"the composition: {problem}"
        return
    wanted = _played(steps, found, composed, drawn)
    got = flat(interpret(composed, drawn.inputs, drawn.weights, target=drawn.target, **drawn.conditions))
    if got.keys() != wanted.keys():
        yield f"the composition gives {', '.join(got)}, its terms {', '.join(wanted)}"
        return
    for name, value in wanted.items():
        if not same_values(got[name], value):
            yield f"the composition: {name} is not what its term gives"


def _played(steps: Steps, found: list[int], composed: Graph, drawn: Draw) -> dict[str, Tensor]:
    """What steps come to, by the names of outputs, states and statistics; `found` has the step of each node.

    Slots, by which noise and state are given, and the order in which statistics move are the composition's.
    """
    values: dict[int, Tensor] = {}
    online, after, statistics = dict(drawn.weights), {}, {}
    for node, number in zip(composed.nodes, found, strict=True):
        step = steps.steps[number]
        if step.node.op == "input":
            value: Any = drawn.inputs[step.node.input_name]
            for part in step.node.input_path:
                value = value[part]
            values[number] = value.double() if value.is_floating_point() else value
            continue
        own = replace(step.node, evaluation=0 if step.acts else None)
        state = {
            name: torch.where(drawn.resets.reshape(*drawn.resets.shape, *[1] * (x.dim() - 1)), 0.0, x)
            for name, x in _below(drawn.state, node.slot if step.node.spec.has_state else None).items()
            if drawn.resets is not None
        }
        given = Evaluation(
            own,
            tuple(values[operand] for operand in step.operands),
            _below(drawn.target if own.version == TARGET else online, own.owner),
            torch.Size(drawn.batch),
            torch.float64,
            state,
            _below(drawn.noise, node.slot) if noise_of(composed, node) else None,
            moves_statistics(own),
        )
        values[number] = SEMANTICS[own.op](given)
        if given.advance:
            moved = {f"{own.owner}.{name}": value for name, value in given.after.items()}
            online |= moved
            statistics |= moved
        else:
            after |= {f"{node.slot}.{name}": value for name, value in given.after.items()}
    outputs = {output.name: values[found[output.node]] for output in composed.outputs}
    return (
        outputs
        | {f"state {name}": value for name, value in after.items()}
        | {f"statistics {name}": value for name, value in statistics.items()}
    )


def _below(tensors: Mapping[str, Tensor] | None, path: str | None) -> dict[str, Tensor]:
    if path is None or tensors is None:
        return {}
    return {k.removeprefix(f"{path}."): x for k, x in tensors.items() if k.rpartition(".")[0] == path}
