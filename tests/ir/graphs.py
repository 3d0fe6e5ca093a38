"""Small random graphs with weights, effects and state, other writings of them, and graphs that differ in one
place.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.canonical import Equivalence, Mismatch, canonical_form, function_digest, match
from rl2graph.ir.graph import Graph, Node, Output, Owner
from rl2graph.ir.op import Effect
from rl2graph.ir.slots import with_slots
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from rl2graph.ir.verify import verify

WIDTH = f32(4)
OPS_OF_ONE = ("tanh", "relu", "detach", "dense", "dropout", "batch_norm", "lstm")
OPS_OF_TWO = ("add", "sub")
ATTRIBUTES = {"dense": ("out", (4,)), "dropout": ("p", (0.1, 0.2)), "lstm": ("hidden", (4,))}


def random_graph(seed: int, size: int = 8) -> Graph:
    """A graph of about `size` nodes, all of one type, with duplicates and up to three outputs."""
    random = Random(seed)
    nodes = [_input("obs"), _input("act")]
    while len(nodes) < size:
        nodes.append(_node(random, nodes))
    names = random.sample([("pi", "pi"), ("v", "v"), ("left", "q"), ("right", "q"), ("mine", None)], k=3)
    outputs = tuple(Output(name, role, random.randrange(2, size)) for name, role in names)
    graph = with_slots(Graph(tuple(nodes), outputs, _owners(nodes)))
    verify(graph, "the generator")
    return graph


def _input(name: str) -> Node:
    given = {"name": name, "dtype": "f32", "shape": WIDTH.shape, "path": ()}
    return Node("input", (), coerce_attributes(OPS["input"], given), WIDTH)


def _node(random: Random, nodes: list[Node]) -> Node:
    if random.random() < 0.2 and len(nodes) > 2:
        again = random.choice(nodes[2:])
        return again if again.evaluation is None else replace(again, evaluation=len(nodes))
    name = random.choice(OPS_OF_ONE * 2 + OPS_OF_TWO)
    op = OPS[name]
    operands = tuple(random.randrange(len(nodes)) for _ in op.operands)
    given = {}
    if name in ATTRIBUTES:
        attribute, values = ATTRIBUTES[name]
        given[attribute] = random.choice(values)
    owner = f"{name}_{random.randrange(2)}" if op.has_weights else None
    evaluation = None if op.effect is Effect.PURE else len(nodes)
    return Node(name, operands, coerce_attributes(op, given), WIDTH, owner, evaluation=evaluation)


def _owners(nodes: list[Node]) -> tuple[Owner, ...]:
    read = {node.owner: node for node in nodes if node.owner is not None}
    return tuple(
        Owner(path, node.op, node.spec.weights((WIDTH,), node.values)) for path, node in read.items()
    )


def rewritten(graph: Graph, seed: int) -> Graph:
    """The same function in another order, with other names, more duplicates and dead nodes."""
    random = Random(seed)
    order = _another_order(graph, random)
    place = {old: new for new, old in enumerate(order)}
    numbers = random.sample(range(100), k=len(graph.owners))
    owners = {owner.path: f"renamed.o{number}" for owner, number in zip(graph.owners, numbers, strict=True)}
    nodes = [_renamed(graph.nodes[old], place, owners) for old in order]
    for _ in range(random.randrange(3)):
        again = random.choice(nodes)
        if again.evaluation is None:
            nodes.append(again)
    outputs = [
        Output(o.name if o.role in ("q", None) else f"x_{o.name}", o.role, place[o.node])
        for o in graph.outputs
    ]
    random.shuffle(outputs)
    renamed = tuple(replace(owner, path=owners[owner.path]) for owner in graph.owners)
    return Graph(tuple(nodes), tuple(outputs), renamed)


def _renamed(node: Node, place: dict[int, int], owners: dict[str, str]) -> Node:
    evaluation = None if node.evaluation is None else 100 + 3 * node.evaluation
    slot = node.slot if node.slot is None or node.spec.has_state else f"noise_of_{node.slot}"
    return replace(
        node,
        operands=tuple(place[operand] for operand in node.operands),
        owner=None if node.owner is None else owners[node.owner],
        evaluation=evaluation,
        slot=slot,
    )


def _another_order(graph: Graph, random: Random) -> list[int]:
    """A topological order in which the statistics of each owner move in their order."""
    before: list[set[int]] = [set(node.operands) for node in graph.nodes]
    last: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.op == "batch_norm" and node.owner is not None:
            before[index] |= {last[node.owner]} if node.owner in last else set()
            last[node.owner] = index
    order: list[int] = []
    waiting = set(range(len(graph.nodes)))
    while waiting:
        ready = sorted(index for index in waiting if not before[index] & waiting)
        order.append(random.choice(ready))
        waiting.remove(order[-1])
    return order


def changed(graph: Graph, seed: int) -> Graph:
    """A graph in which one thing is another, which may or may not make it another function."""
    random = Random(seed)
    nodes, outputs = list(graph.nodes), list(graph.outputs)
    index = random.randrange(2, len(nodes))
    node = nodes[index]
    match random.randrange(9):
        case 0:
            operand = random.randrange(len(node.operands))
            operands = list(node.operands)
            operands[operand] = random.randrange(index)
            nodes[index] = replace(node, operands=tuple(operands))
        case 1 if node.op in ("tanh", "relu", "detach", "add", "sub"):
            others = ("add", "sub") if len(node.operands) > 1 else ("tanh", "relu", "detach")
            nodes[index] = replace(node, op=random.choice(others))
        case 2 if node.owner is not None:
            same = [owner.path for owner in graph.owners if owner.op == node.op]
            nodes[index] = replace(node, owner=random.choice(same))
        case 3 if node.op == "dropout":
            nodes[index] = replace(node, attributes=(("p", random.choice((0.1, 0.2, 0.3))),))
        case 4:
            nodes[index] = replace(node, version="target" if node.owner else node.version)
        case 5 if node.spec.has_state:
            nodes[index] = replace(node, slot=f"{node.slot}_")
        case 7 if node.op == "batch_norm":
            others = [i for i, n in enumerate(nodes) if n.owner == node.owner]
            other = random.choice(others)
            nodes[index] = replace(node, evaluation=nodes[other].evaluation)
            nodes[other] = replace(nodes[other], evaluation=node.evaluation)
        case 6 if len(node.operands) > 1:
            nodes[index] = replace(node, operands=node.operands[::-1])
        case _:
            output = random.randrange(len(outputs))
            outputs[output] = replace(outputs[output], node=random.randrange(2, len(nodes)))
    return Graph(tuple(nodes), tuple(outputs), graph.owners)


def single(*nodes: Node, role: str | None = "v", name: str = "v") -> Graph:
    return Graph(nodes, (Output(name, role, len(nodes) - 1),), ())


def number(value: float) -> Graph:
    given = (("name", "obs"), ("dtype", "f32"), ("shape", (4,)), ("path", ()))
    return single(
        Node("input", (), given, f32(4)),
        Node("constant", (), (("value", value),), f32()),
        Node("add", (0, 1), (), f32(4)),
    )


def same(a: Graph, b: Graph) -> bool:
    """What `match` says, which digests must say too."""
    found = match(a, b)
    assert (
        bool(found) == (canonical_form(a) == canonical_form(b)) == (function_digest(a) == function_digest(b))
    )
    assert bool(found) == bool(match(b, a))
    assert isinstance(found, Equivalence if found else Mismatch)
    return bool(found)
