"""The typed graph: a topological array of immutable nodes whose operands are integer ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rl2graph.diagnostics import Span
from rl2graph.frozen import quickly_made
from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.op import AttributeItems, Op, Value, Weight
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType

if TYPE_CHECKING:
    import networkx

ONLINE = "online"
TARGET = "target"
LOSS = "loss"
"""The role of what a `loss` statement names: an output for algorithms alone."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Node:
    """One evaluation of an op.

    Attributes:
        operands: ids of earlier nodes, in order.
        attributes: name and value, in the order of the op's signature, coerced to its types.
        owner: path of the weights that it reads; None for an op without weights.
        version: which copy of the owner's weights, `online` or `target`.
        evaluation: the call site, for an op with an effect; None where evaluations cannot be told apart,
            which is where the effect is switched off: no noise is given, statistics are read as they are.
        slot: the name under which its state or its noise is given, for an op that has either.
    """

    op: str
    operands: tuple[int, ...]
    attributes: AttributeItems
    type: TensorType
    owner: str | None = None
    version: str = ONLINE
    evaluation: int | None = None
    slot: str | None = None

    def over(self, operands: tuple[int, ...]) -> Node:
        """The node with other operands."""
        return Node(
            self.op,
            operands,
            self.attributes,
            self.type,
            self.owner,
            self.version,
            self.evaluation,
            self.slot,
        )

    @property
    def spec(self) -> Op:
        return OPS[self.op]

    @property
    def values(self) -> Mapping[str, Value]:
        return dict(self.attributes)

    @property
    def input_name(self) -> str:
        """The name of the input that an `input` node reads."""
        return str(self.values["name"])

    @property
    def input_path(self) -> tuple[str, ...]:
        """The path from the input to the part of it that an `input` node is; empty for all of it."""
        path = self.values["path"]
        assert isinstance(path, tuple)
        return tuple(map(str, path))


@dataclass(frozen=True, slots=True)
class Load:
    """Where an owner's first weights come from: tensors under `key` in a safetensors file.

    `span` is the text that says so; it is no part of what this is.
    """

    file: str
    key: str
    span: Span | None = field(default=None, compare=False, repr=False)

    def key_of(self, weight: str) -> str:
        """The name in the file of one of the owner's tensors."""
        return f"{self.key}.{weight}".lstrip(".")


@quickly_made
@dataclass(frozen=True, slots=True)
class Owner:
    """A path and the weights that live at it.

    Attributes:
        op: the op that reads them.
        frozen: no algorithm trains them.
        learning_rate: in place of the algorithm's own, where given.
        load: what they start from in place of their initial values, where given.
    """

    path: str
    op: str
    weights: tuple[Weight, ...]
    frozen: bool = False
    learning_rate: float | None = None
    load: Load | None = None

    @property
    def size(self) -> int:
        """Elements of the tensors that can be trained."""
        return sum(weight.size for weight in self.weights if not weight.buffer)


@dataclass(frozen=True, slots=True)
class Output:
    """A node under a name; `role` is what algorithms know it by, None where it is for the user's own code."""

    name: str
    role: str | None
    node: int


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, outputs in source order, owners in the order of their declaration.

    `provenance` holds, for each node, whatever its maker wants to find again (source spans); it is no part
    of the graph's identity.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    owners: tuple[Owner, ...]
    provenance: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def owner(self) -> Mapping[str, Owner]:
        """Owners by path."""
        return {owner.path: owner for owner in self.owners}

    @cached_property
    def output(self) -> Mapping[str, Output]:
        """Outputs by name."""
        return {output.name: output for output in self.outputs}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that some node stands for, in the order of their first use."""
        names = (node.input_name for node in self.nodes if node.op == "input")
        return tuple(dict.fromkeys(names))

    @property
    def known(self) -> bool:
        """Whether every shape is known, so that the graph can run."""
        return all(node.type.known for node in self.nodes)

    @property
    def losses(self) -> tuple[Output, ...]:
        """The outputs that are `loss` statements."""
        return tuple(output for output in self.outputs if output.role == LOSS)

    def operand_types(self, node: Node) -> tuple[TensorType, ...]:
        return tuple(self.nodes[operand].type for operand in node.operands)

    def where(self, node: int) -> Any:
        """The provenance of a node, or None."""
        return self.provenance[node] if self.provenance else None

    def live(self, roots: Iterable[int] | None = None) -> list[bool]:
        """Which nodes the roots (the outputs, where none are given) depend on."""
        live = [False] * len(self.nodes)
        for root in (output.node for output in self.outputs) if roots is None else roots:
            live[root] = True
        for index in range(len(self.nodes) - 1, -1, -1):
            if live[index]:
                for operand in self.nodes[index].operands:
                    live[operand] = True
        return live

    def users(self) -> list[list[int]]:
        """For each node, the nodes that read it, once per operand."""
        users: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for operand in node.operands:
                users[operand].append(index)
        return users

    def to_networkx(self) -> networkx.MultiDiGraph:
        """The graph as a `networkx.MultiDiGraph`; `from_networkx` is its exact inverse."""
        from rl2graph.ir.exchange import to_networkx

        return to_networkx(self)

    @staticmethod
    def from_networkx(graph: networkx.MultiDiGraph) -> Graph:
        """The graph that a `networkx.MultiDiGraph` describes; see `rl2graph.ir.exchange` for the form."""
        from rl2graph.ir.exchange import from_networkx

        return from_networkx(graph)

    def to_text(self) -> str:
        """The graph as text, one line a node; `from_text` is its exact inverse."""
        from rl2graph.ir.textual import write

        return write(self)

    @staticmethod
    def from_text(text: str, name: str = "<graph>") -> Graph:
        """The graph that `text` describes; `name` is what diagnostics call it. See `rl2graph.ir.textual`."""
        from rl2graph.ir.textual import read

        return read(text, name)


def owners_in(graph: Graph, version: str) -> tuple[Owner, ...]:
    """The owners whose weights some node reads in that version."""
    read = {node.owner for node in graph.nodes if node.version == version}
    return tuple(owner for owner in graph.owners if owner.path in read)


def attribute_key(attributes: AttributeItems) -> tuple[Any, ...]:
    """As `attribute_bits`, for attributes of one op in the signature's types: only floats need their bits."""
    for _, value in attributes:
        if type(value) is float:
            return attribute_bits(attributes)
    return attributes


def computation(node: Node, operands: tuple[int, ...]) -> tuple[Any, ...]:
    """What makes two pure evaluations one computation (the design's compute identity)."""
    key = attribute_key(node.attributes)
    return node.op, operands, key, node.owner, node.version, node.evaluation, node.slot


def gather(graph: Graph, keep: Iterable[int], replace: Mapping[int, int] | None = None) -> Graph:
    """The graph of the kept nodes alone, in order, with operands and outputs renumbered.

    `replace` maps a node that is not kept to the kept node that stands for it. Owners stay as they are.
    """
    kept = list(keep)
    if len(kept) == len(graph.nodes):
        return graph
    number = {old: new for new, old in enumerate(kept)}
    for old, stand_in in (replace or {}).items():
        number[old] = number[stand_in]
    new_of = number.__getitem__
    nodes = []
    for index in kept:
        node = graph.nodes[index]
        operands = tuple(map(new_of, node.operands))
        nodes.append(node if operands == node.operands else node.over(operands))
    outputs = tuple([Output(output.name, output.role, number[output.node]) for output in graph.outputs])
    provenance = tuple([graph.provenance[index] for index in kept]) if graph.provenance else ()
    return Graph(tuple(nodes), outputs, graph.owners, provenance)
