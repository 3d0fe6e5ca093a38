"""The `forward` of emitted code: one line per node, then a mapping of the outputs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from rl2graph.backend.naming import is_argument, signature, target_attribute, value_names
from rl2graph.backend.wrapping import wrapped
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node, owners_in
from rl2graph.ir.op import Emission
from rl2graph.ir.reserved import EMITTED_NAMES, free_name
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
    """Writes the lines of `forward`.

    Attributes:
        locals: the names of what evaluations give beside their values, by key; `next_state` and `statistics`
            are those of each kind.
        used: the locals `batch` and `dtype`, where some line reads them.
    """

    graph: Graph
    train: Collection[str] | None
    names: list[str]
    body: list[str] = field(default_factory=list)
    locals: dict[str, str] = field(default_factory=dict)
    next_state: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def write(self, index: int, node: Node) -> None:
        """Append the line of one node."""
        keys = self._keys(node)
        targets = [self.names[index], *map(self._local, keys)]
        self.body.append(f"{', '.join(targets)} = {self._expression(node)}")
        for key, name in zip(keys, targets[1:], strict=True):
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
        noise = noise_schema(self.graph)
        head = signature(self.graph, recurrent=bool(self.next_state), noisy=bool(noise))
        lines = [*self._opening(list(noise)), *self.body, f"return {{{', '.join(shown)}}}"]
        return [f"    def forward({head}):", *(part for line in lines for part in wrapped(line, indent=8))]

    def _opening(self, noise: list[str]) -> list[str]:
        """What the lines of the nodes read: dtype, batch shape, state and noise where none are given."""
        lines = []
        leading = first_input(self.graph)
        given = literal(leading) if leading else ""
        if self.next_state or "dtype" in self.used:
            lines.append(f"dtype = {_dtype(self.graph)}")
        if self.next_state or "batch" in self.used:
            rank = len(leading.type.dims) if leading else 0
            shape = f"{given}.shape" if leading else "()"
            lines.append(f"batch = {shape}[:-{rank}]" if rank else f"batch = {shape}")
        if self.next_state:
            lines += ["if state is None:", "    state = {"]
            for key, part in state_schema(self.graph).items():
                dims = ", ".join(("*batch[-1:]", *map(str, part.shape))) + "," * (not part.shape)
                zeros = f"{given}.new_zeros" if leading else "torch.zeros"
                lines.append(f'        "{key}": {zeros}(({dims}), dtype=dtype),')
            lines += ["    }", "if resets is not None:", "    resets = resets.bool()"]
        if noise:
            none = ", ".join(f'"{key}": None' for key in noise)
            lines += ["if noise is None:", f"    noise = {{{none}}}"]
        return lines

    def _keys(self, node: Node) -> list[str]:
        """Keys of what a node gives beside its value."""
        if moves_statistics(node):
            assert node.owner is not None
            return [f"{node.owner}.{w.name}" for w in self.graph.owner[node.owner].weights if w.buffer]
        states = node.spec.state(self.graph.operand_types(node), node.values)
        return [f"{node.slot}.{state.name}" for state in states]

    def _local(self, key: str) -> str:
        """The local for what a node gives under a key; one key has one name."""
        if key not in self.locals:
            used = {*EMITTED_NAMES, *self.names, *self.locals.values()}
            self.locals[key] = free_name(re.sub(r"\W+", "_", key), used)
        return self.locals[key]

    def _expression(self, node: Node) -> str:
        types = self.graph.operand_types(node)
        sources = [self.graph.nodes[operand] for operand in node.operands]
        literals = tuple(source.op == "constant" for source in sources)
        given = {noise.name for noise in noise_of(self.graph, node)}
        text = node.spec.emit(
            Emission(
                operands=tuple(
                    literal(source) if is_number else self.names[operand]
                    for operand, source, is_number in zip(node.operands, sources, literals, strict=True)
                ),
                literals=literals,
                dtype=_DTYPE,
                weights=self._weights(node),
                types=types,
                result=node.type,
                attributes=node.values,
                batch=_BATCH,
                state={s.name: f'state["{node.slot}.{s.name}"]' for s in node.spec.state(types, node.values)},
                resets="resets",
                noise={
                    n.name: f'noise["{node.slot}.{n.name}"]' if n.name in given else "None"
                    for n in node.spec.noise(types, node.values)
                },
                advance=moves_statistics(node),
            )
        )
        for mark, name in ((_DTYPE, "dtype"), (_BATCH, "batch")):
            if mark in text:
                self.used.add(name)
                text = text.replace(mark, name)
        return text

    def _weights(self, node: Node) -> dict[str, str]:
        if node.owner is None:
            return {}
        if node.version == TARGET:  # which no gradient reaches, and whose statistics move with it
            holder = f"self.{target_attribute(self.graph)}.{node.owner}"
            return {w.name: f"{holder}.{w.name}" for w in self.graph.owner[node.owner].weights}
        suffix = "" if self.train is None or node.owner in self.train else ".detach()"
        weights = {}
        for weight in self.graph.owner[node.owner].weights:
            key = f"{node.owner}.{weight.name}"
            detached = "" if weight.buffer else suffix
            weights[weight.name] = self.statistics.get(key, f"self.{key}{detached}")
        return weights


_DTYPE, _BATCH = "\0dtype", "\0batch"
"""Stand for these locals until it is known whether a line reads them."""


def literal(node: Node) -> str:
    """An input or a number as Python writes it."""
    return node.spec.emit(Emission((), (), "", {}, (), node.type, node.values))


def _dtype(graph: Graph) -> str:
    """The dtype that the weights have, so that bytes and indices become what they are computed with."""
    for version, holder in ((ONLINE, "self"), (TARGET, f"self.{target_attribute(graph)}")):
        for owner in owners_in(graph, version):
            for weight in owner.weights:
                return f"{holder}.{owner.path}.{weight.name}.dtype"
    return "torch.get_default_dtype()"


def first_input(graph: Graph) -> Node | None:
    """The input whose leading axes are the batch's; None in a graph without inputs."""
    return next((node for node in graph.nodes if node.op == "input"), None)
