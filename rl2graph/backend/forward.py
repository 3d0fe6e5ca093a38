"""The `forward` of emitted code: one line per node, then a mapping of the outputs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from rl2graph.backend.naming import free_name, is_argument, signature, value_names
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import Emission
from rl2graph.ir.reserved import EMITTED_NAMES
from rl2graph.ir.slots import moves_statistics, noise_of, noise_schema, state_schema


def forward_method(graph: Graph, train: Collection[str] | None) -> list[str]:
    """The lines of `forward`; `train` as in `emit_entry`."""
    writer = _Forward(graph, train, value_names(graph))
    for index, node in enumerate(graph.nodes):
        if node.op != "constant" and not is_argument(node):
            writer.write(index, node)
    return writer.lines()


@dataclass(slots=True)
class _Forward:
    """`next_state` and `statistics` name the locals that hold them, by key; `locals` all of both."""

    graph: Graph
    train: Collection[str] | None
    names: list[str]
    body: list[str] = field(default_factory=list)
    locals: dict[str, str] = field(default_factory=dict)
    next_state: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, str] = field(default_factory=dict)

    def write(self, index: int, node: Node) -> None:
        """Append the line of one node."""
        targets = [self.names[index], *self._carried(node)]
        self.body.append(f"{', '.join(targets)} = {self._expression(node)}")
        for key, name in zip(self._keys(node), targets[1:], strict=True):
            if moves_statistics(node):
                self.statistics[key] = name
            else:
                self.next_state.setdefault(key, name)

    def lines(self) -> list[str]:
        """The whole method."""
        shown = [f'"{output.name}": {self.names[output.node]}' for output in self.graph.outputs]
        for name, carried in (("state", self.next_state), ("statistics", self.statistics)):
            if carried:
                parts = (f'"{key}": {local}' for key, local in carried.items())
                shown.append(f'"{name}": {{{", ".join(parts)}}}')
        lines = [*self._opening(), *self.body, f"return {{{', '.join(shown)}}}"]
        head = signature(self.graph, recurrent=bool(self.next_state), noisy=bool(noise_schema(self.graph)))
        return [f"    def forward({head}):", *(f"        {line}" for line in lines)]

    def _opening(self) -> list[str]:
        """What the lines of the nodes need first: the batch's shape, state and noise where none are given."""
        lines = []
        leading = first_input(self.graph)
        if self.next_state or any(re.search(r"\bbatch\b", line) for line in self.body):
            rank = len(leading.type.dims) if leading else 0
            shape = f"{_given(leading)}.shape" if leading else "()"
            lines.append(f"batch = {shape}[:-{rank}]" if rank else f"batch = {shape}")
        if self.next_state:
            lines += ["if state is None:", "    state = {"]
            for key, part in state_schema(self.graph).items():
                dims = ", ".join(("*batch[-1:]", *map(str, part.shape))) + "," * (not part.shape)
                source = f"{_given(leading)}.new_zeros" if leading else "torch.zeros"
                lines.append(f'        "{key}": {source}(({dims}), dtype={compute_dtype(self.graph)}),')
            lines.append("    }")
        if noise_schema(self.graph):
            lines.append("noise = noise or {}")
        return lines

    def _keys(self, node: Node) -> list[str]:
        """Keys of what a node gives beside its value."""
        if moves_statistics(node):
            assert node.owner is not None
            return [f"{node.owner}.{w.name}" for w in self.graph.owner[node.owner].weights if w.buffer]
        if not node.spec.has_state:
            return []
        return [f"{node.slot}.{s.name}" for s in node.spec.state(self.graph.operand_types(node), node.values)]

    def _carried(self, node: Node) -> list[str]:
        """The locals for what a node gives beside its value; those of one key have one name."""
        for key in self._keys(node):
            if key not in self.locals:
                used = {*EMITTED_NAMES, *self.names, *self.locals.values()}
                self.locals[key] = free_name(key.replace(".", "_"), used)
        return [self.locals[key] for key in self._keys(node)]

    def _expression(self, node: Node) -> str:
        graph = self.graph
        sources = [graph.nodes[operand] for operand in node.operands]
        literals = tuple(source.op == "constant" for source in sources)
        operands = tuple(
            constant(source) if literal else self.names[operand]
            for operand, source, literal in zip(node.operands, sources, literals, strict=True)
        )
        types = graph.operand_types(node)
        state = {s.name: f'state["{node.slot}.{s.name}"]' for s in node.spec.state(types, node.values)}
        given = {n.name for n in noise_of(graph, node)}
        noise = {
            n.name: f'noise.get("{node.slot}.{n.name}")' if n.name in given else "None"
            for n in node.spec.noise(types, node.values)
        }
        return node.spec.emit(
            Emission(
                operands,
                literals,
                compute_dtype(graph),
                self._weights(node),
                types,
                node.type,
                node.values,
                state=state,
                noise=noise,
                batch="batch",
                resets="resets",
                advance=moves_statistics(node),
            )
        )

    def _weights(self, node: Node) -> dict[str, str]:
        if node.owner is None:
            return {}
        suffix = "" if self.train is None or node.owner in self.train else ".detach()"
        weights = {}
        for weight in self.graph.owner[node.owner].weights:
            key = f"{node.owner}.{weight.name}"
            detached = "" if weight.buffer else suffix
            weights[weight.name] = self.statistics.get(key, f"self.{key}{detached}")
        return weights


def constant(node: Node) -> str:
    """A number as Python writes it."""
    return node.spec.emit(Emission((), (), "", {}, (), node.type, node.values))


def compute_dtype(graph: Graph) -> str:
    """The dtype that the weights have, so that bytes and indices become what they are computed with."""
    for owner in graph.owners:
        for weight in owner.weights:
            return f"self.{owner.path}.{weight.name}.dtype"
    return "torch.get_default_dtype()"


def first_input(graph: Graph) -> Node | None:
    """The input whose leading axes are the batch's; None in a graph without inputs."""
    return next((node for node in graph.nodes if node.op == "input"), None)


def _given(node: Node | None) -> str:
    assert node is not None
    return node.spec.emit(Emission((), (), "", {}, (), node.type, node.values))
