"""Two graphs walked at once: what of one is what of the other, or the first place where they part."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import zip_longest

from rl2graph.ir.canonical import reasons, sharing
from rl2graph.ir.canonical.mismatch import Equivalence, Mismatch
from rl2graph.ir.canonical.numbering import At, Views, movements, view
from rl2graph.ir.canonical.pairing import Pairing
from rl2graph.ir.canonical.writing import Writer
from rl2graph.ir.graph import Graph, Node

MAX_TRIES = 4  # operands that are tried in the place of an op that the other graph may lack


def match(a: Graph, b: Graph) -> Equivalence | Mismatch:
    """Whether two graphs are one function of inputs, weights, state and noise, gradients included.

    The walk goes from outputs of the same key to their operands, in order, and pairs computations, owners,
    call sites and slots of noise one to one as it meets them. It is exact, in linear time: a node has one
    place in the other graph where it can be found, so nothing is searched. Duplicates of a computation count
    once, on either side; what no output depends on counts nowhere.

    Returns:
        An `Equivalence` (true), or a `Mismatch` (false) about the first difference, operands before users.
    """
    one, other = views = view(a), view(b)
    found = reasons.outputs(views)
    if found is not None:
        return found
    walk = Walk(views, Correspondence())
    for key, root in one.roots.items():
        found = walk.pair(root, other.roots[key])
        if found is not None:
            return found
    found = walk.statistics()
    if found is not None:
        return found
    pairs = walk.pairs
    return Equivalence(pairs.owners.forward, pairs.noise.forward, pairs.nodes.forward)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What was paired so far."""

    nodes: Pairing[int] = field(default_factory=Pairing)
    owners: Pairing[str] = field(default_factory=Pairing)
    evaluations: Pairing[int] = field(default_factory=Pairing)
    noise: Pairing[str] = field(default_factory=Pairing)

    def copy(self) -> Correspondence:
        """The same pairs, to go on with apart."""
        return Correspondence(
            self.nodes.copy(), self.owners.copy(), self.evaluations.copy(), self.noise.copy()
        )


class Walk:
    """A walk of both graphs; `asking`, one that looks no further than the first difference.

    `users` are the nodes through which the two at hand were reached.
    """

    def __init__(self, views: Views, pairs: Correspondence, asking: bool = False) -> None:
        self.views, self.pairs, self.asking = views, pairs, asking
        self.writers = Writer(), Writer()
        self.users: At | None = None

    def pair(self, a: int, b: int) -> Mismatch | None:
        """Pair two nodes and all that they depend on; what stands in the way, operands before users.

        A node that is paired already is walked once more where the other graph has another node for it: below
        the two there is the difference that keeps them apart.
        """
        one, other = self.views
        nodes = self.pairs.nodes
        stack: list[tuple[At, At | None]] = [((a, b), None)]
        while stack:
            at, self.users = stack[-1]
            if nodes.has(*at):
                stack.pop()
                continue
            found = self._ops(at)
            if found is not None:
                return replace(found, above=_above(stack))
            operands = zip(one.operands[at[0]], other.operands[at[1]], strict=True)
            waiting = [(pair, at) for pair in operands if not nodes.has(*pair)]
            if waiting:
                stack += reversed(waiting)
                continue
            found = self.join(at)
            if found is not None:
                return replace(found, above=_above(stack))
        return None

    def join(self, at: At) -> Mismatch | None:
        """Make a pair of two nodes whose operands are paired; what stands in the way."""
        found = self._values(at)
        return self._effects(at) if found is None else found

    def statistics(self) -> Mismatch | None:
        """An owner whose statistics move in another order."""
        one, other = self.views
        nodes, owners = self.pairs.nodes, self.pairs.owners
        moved_b = movements(other, other.order())
        for (owner, version), moved in movements(one, one.order()).items():
            for a, b in zip(moved, moved_b[owners.forward[owner], version], strict=True):
                if not nodes.has(a, b):
                    return sharing.statistics(self.views, (a, b), (nodes.back[b], nodes.forward[a]))
        return None

    def _ops(self, at: At) -> Mismatch | None:
        """What keeps operands from being paired."""
        one, other = self._nodes(at)
        if one.op != other.op:
            found = None if self.asking else self._left_out(at)
            return reasons.ops(self.views, at, self.users) if found is None else found
        if len(one.operands) != len(other.operands):
            return reasons.operands(self.views, at)
        return None

    def _left_out(self, at: At) -> Mismatch | None:
        """An op that one graph has and the other goes on without, where the rest is the same."""
        a, b = at
        for operand in dict.fromkeys(self.views[0].operands[a][:MAX_TRIES]):
            if self._could_pair(operand, b):
                return reasons.left_out(self.views, at, self.users, in_a=True)
        for operand in dict.fromkeys(self.views[1].operands[b][:MAX_TRIES]):
            if self._could_pair(a, operand):
                return reasons.left_out(self.views, at, self.users, in_a=False)
        return None

    def _could_pair(self, a: int, b: int) -> bool:
        one, other = self._nodes((a, b))
        return one.op == other.op and Walk(self.views, self.pairs.copy(), asking=True).pair(a, b) is None

    def _values(self, at: At) -> Mismatch | None:
        """A difference in attributes, types or weights."""
        one, other = self._nodes(at)
        writer_a, writer_b = self.writers
        for (name, value), (other_name, other_value) in zip_longest(
            one.attributes, other.attributes, fillvalue=("", None)
        ):
            if name != other_name or writer_a.value(value) != writer_b.value(other_value):
                if one.op == "input":
                    return reasons.inputs(self.views, at, self.users)
                return reasons.attribute(self.views, at, name or other_name, (value, other_value))
        if writer_a.type(one.type) != writer_b.type(other.type):
            return reasons.types(self.views, at)
        if one.version != other.version or (one.owner is None) != (other.owner is None):
            return reasons.versions(self.views, at)
        if one.owner is None or other.owner is None or self.pairs.owners.join(one.owner, other.owner, at):
            return None
        return sharing.weights(self.views, at, self.pairs.owners)

    def _effects(self, at: At) -> Mismatch | None:
        """A difference in state, call site or noise; else the two are one computation, and paired."""
        one, other = self._nodes(at)
        pairs = self.pairs
        if (one.evaluation is None) != (other.evaluation is None):
            return reasons.effects(self.views, at)
        if one.slot != other.slot and one.spec.has_state:
            return reasons.states(self.views, at)
        if one.evaluation is not None and other.evaluation is not None:
            sites = one.evaluation, other.evaluation
            if not pairs.evaluations.join(*sites, at):
                return sharing.evaluations(self.views, at, pairs.evaluations, sites)
        if one.slot is not None and other.slot is not None and not one.spec.has_state:
            slots = one.slot, other.slot
            if not pairs.noise.join(*slots, at):
                return sharing.noise(self.views, at, pairs.noise, slots)
        if not pairs.nodes.join(*at, at):
            return sharing.evaluations(self.views, at, pairs.nodes, at)
        return None

    def _nodes(self, at: At) -> tuple[Node, Node]:
        return self.views[0].node(at[0]), self.views[1].node(at[1])


def _above(stack: list[tuple[At, At | None]]) -> tuple[At, ...]:
    """The pairs through which the last of a stack was reached."""
    found = []
    wanted = stack[-1][1]
    for at, user in reversed(stack):
        if at == wanted:
            found.append(at)
            wanted = user
    return tuple(found)
