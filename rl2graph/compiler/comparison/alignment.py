"""Nodes of one graph, and those of another that they became: for reading, where `match` is for proving.

Two graphs that are one function have the pairs of the proof. Otherwise each step pairs what it can of what
the steps before it left alone, all in linear time:

1. what has the same op, attributes, owner and operands, by hash-consing;
2. what is the same function of paired nodes, by a walk from outputs of one key: owners may be renamed;
3. what has the same name and op;
4. the only op with its attributes on operands that are paired, then the only such op with any attributes;
5. after each of these, the operands, in order, of what is paired, where they have the same op.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping

from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.canonical import Equivalence, Mismatch
from rl2graph.ir.canonical.matching import Correspondence, Walk
from rl2graph.ir.canonical.numbering import View, view
from rl2graph.ir.canonical.pairing import Pairing
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.provenance import Provenance


def align(a: Graph, b: Graph, result: Equivalence | Mismatch) -> tuple[Pairing[int], frozenset[int]]:
    """Pairs of nodes, one to one, and those nodes of A whose partners differ in no more than owners' paths.

    The graphs hold each computation once, and nothing that no output needs: they are normalised. `result` is
    what `match` says of them.
    """
    one, other = view(a), view(b)
    walk = Walk((one, other), Correspondence())
    pairs = walk.pairs.nodes
    if isinstance(result, Equivalence):
        _join(pairs, result.nodes.items())
        return pairs, frozenset(pairs.forward)
    known: dict[Hashable, int] = {}
    for at in _by_key(pairs, _structures(one, known), _structures(other, known)):
        walk.join(at)
    _walk(walk, one, other)
    same = frozenset(pairs.forward)
    _join(pairs, _by_key(pairs, _names(a), _names(b)))
    for attributes in (True, False):
        _upwards(one, other, pairs, attributes)
        _downwards(one, other, pairs)
    return pairs, same


def name_of(graph: Graph, index: int) -> str:
    """What a reader calls a node's value."""
    place = graph.where(index)
    return place.name if isinstance(place, Provenance) else f"%{index}"


def names_of(graph: Graph) -> list[str]:
    """What a reader calls each node's value; of those with one name, all but the first are counted."""
    count: Counter[str] = Counter()
    names = []
    for index in range(len(graph.nodes)):
        name = name_of(graph, index)
        count[name] += 1
        names.append(name if count[name] == 1 else f"{name} #{count[name]}")
    return names


def _join(pairs: Pairing[int], found: Iterable[tuple[int, int]]) -> None:
    for at in found:
        pairs.join(*at, at)


def _walk(walk: Walk, one: View, other: View) -> None:
    """Pair nodes that are the same function of paired nodes; each node is tried with one other."""
    pairs = walk.pairs.nodes
    seen = set(pairs.forward), set(pairs.back)
    for key, root in one.roots.items():
        stack = [(root, other.roots[key], False)] if key in other.roots else []
        while stack:
            a, b, visited = stack.pop()
            operands = list(zip(one.operands[a], other.operands[b], strict=False))
            if visited:
                if all(pairs.has(*pair) for pair in operands):
                    walk.join((a, b))
            elif a not in seen[0] and b not in seen[1] and _comparable(one.node(a), other.node(b)):
                seen[0].add(a)
                seen[1].add(b)
                stack.append((a, b, True))
                stack += [(*pair, False) for pair in reversed(operands)]


def _comparable(one: Node, other: Node) -> bool:
    return one.op == other.op and len(one.operands) == len(other.operands)


def _by_key(
    pairs: Pairing[int], keys_a: Iterable[Hashable], keys_b: Iterable[Hashable]
) -> list[tuple[int, int]]:
    """What is left of each graph, by equal keys, those of one key in the order of the graphs."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, key in enumerate(keys_b):
        if index not in pairs.back:
            waiting[key].append(index)
    return [
        (index, waiting[key].popleft())
        for index, key in enumerate(keys_a)
        if index not in pairs.forward and waiting.get(key)
    ]


def _structures(seen: View, known: dict[Hashable, int]) -> list[Hashable]:
    """A number for what each node computes, from whose weights; the same for equal nodes of other graphs.

    Evaluations with an effect are told apart by their names.
    """
    numbers: list[int] = []
    for node, name in zip(seen.nodes, names_of(seen.graph), strict=True):
        operands = tuple(numbers[operand] for operand in node.operands)
        told_apart = None if node.evaluation is None else name
        state = node.slot if node.spec.has_state else None
        key = node.op, attribute_bits(node.attributes), operands, node.owner, node.version, told_apart, state
        numbers.append(known.setdefault(key, len(known)))
    return list(numbers)


def _names(graph: Graph) -> list[Hashable]:
    return [(node.op, name_of(graph, index)) for index, node in enumerate(graph.nodes)]


def _upwards(a: View, b: View, pairs: Pairing[int], attributes: bool) -> None:
    """Pair nodes that alone, of what is left, have their op (and attributes) on paired operands."""
    left_a, left_b = _left(a, pairs.forward, attributes), _left(b, pairs.back, attributes)
    for (what, operands), found in left_a.items():
        if len(found) == 1 and all(operand in pairs.forward for operand in operands):
            twins = left_b.get((what, tuple(pairs.forward[operand] for operand in operands)), ())
            if len(twins) == 1:
                pairs.join(found[0], twins[0], (found[0], twins[0]))


def _left(
    seen: View, paired: Mapping[int, int], attributes: bool
) -> dict[tuple[Hashable, tuple[int, ...]], list[int]]:
    """Nodes that are not paired, by their op (and attributes) and operands."""
    found: dict[tuple[Hashable, tuple[int, ...]], list[int]] = defaultdict(list)
    for index, node in enumerate(seen.nodes):
        if index not in paired and node.operands:
            what = node.op, attribute_bits(node.attributes) if attributes else ()
            found[what, node.operands].append(index)
    return found


def _downwards(a: View, b: View, pairs: Pairing[int]) -> None:
    """Pair outputs of one key, then the operands of what is paired, in order, where they have one op."""
    for key, root in a.roots.items():
        if key in b.roots:
            _pair_ops(a, b, root, b.roots[key], pairs)
    for index in range(len(a.graph.nodes) - 1, -1, -1):
        if index in pairs.forward:
            operands = zip(a.operands[index], b.operands[pairs.forward[index]], strict=False)
            for one, other in operands:
                _pair_ops(a, b, one, other, pairs)


def _pair_ops(a: View, b: View, one: int, other: int, pairs: Pairing[int]) -> None:
    op = a.node(one).op
    if op == b.node(other).op and op != "input":  # inputs are known by their names alone
        pairs.join(one, other, (one, other))
