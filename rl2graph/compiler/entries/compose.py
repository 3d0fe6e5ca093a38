"""Composing entry points: slices, substitutions and versions of a spec's graph, as one graph.

A node is copied only where something about it differs: what it reads, or the version of its weights. All else
is the spec's own node, so that what two parts of an entry share is one evaluation, effects included.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rl2graph.compiler.entries.applying import applied
from rl2graph.compiler.entries.inputs import Inputs, refuse_overlap, renamed, unknown
from rl2graph.compiler.entries.terms import Apply, Call, Frozen, Input, Number, Term, label_of
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node, Output, gather
from rl2graph.ir.op import STATISTICS, Effect
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.reserved import free_name
from rl2graph.ir.slots import with_shared_states
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32

_FRAMES = 8  # of Python, for each term inside another
_TAKEN = ("state", "statistics")
"""Keys under which an entry gives what is no output."""


def compose(
    graph: Graph,
    outputs: Sequence[str] | Mapping[str, Term],
    bind: Mapping[str, Term] | None = None,
    version: str = ONLINE,
) -> Graph:
    """The graph of some outputs, in the order given; owners that it does not read are left out.

    Args:
        graph: a spec's literal graph.
        outputs: names of its outputs, or terms by the names that they get.
        bind: for outputs that are named, what stands in an input's place.
        version: of all that does not say its own.

    Raises:
        KeyError: an output, input or op that there is not.
        ValueError: a bound value whose type is not the input's, or one that depends on that very input; a
            name that cannot be an input's or an output's; an application that the op's shape rule refuses.
        TypeError: a term that is none.
    """
    composer = _Composer(graph)
    world = _World(dict(bind or {}), _known_version(version))
    terms = outputs if isinstance(outputs, Mapping) else {name: name for name in outputs}
    for name in terms if isinstance(outputs, Mapping) else ():
        _refuse_output(name)
    with _room_for((*terms.values(), *world.bind.values())):
        chosen = tuple(
            Output(name, _role(graph, term), composer.value(term, world)) for name, term in terms.items()
        )
    world.refuse_unused()
    return _sliced(with_shared_states(composer.graph(chosen)))


@contextmanager
def _room_for(terms: Sequence[Term]) -> Iterator[None]:
    """Room on Python's stack for terms as deep as these."""
    before = sys.getrecursionlimit()
    deepest = max((term.depth for term in terms if isinstance(term, Input | Call | Apply)), default=0)
    sys.setrecursionlimit(before + _FRAMES * deepest)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _refuse_output(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"an output is called by a name, not {name!r}")
    if name in _TAKEN or not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"{name!r} cannot be an output's name")


def _role(graph: Graph, term: Term) -> str | None:
    name = term.output if isinstance(term, Call) else term
    return graph.output[name].role if isinstance(name, str) and name in graph.output else None


def _known_version(version: str) -> str:
    if version not in (ONLINE, TARGET):
        raise ValueError(f"the version of weights is {ONLINE} or {TARGET}, not {version!r}")
    return version


def _sliced(graph: Graph) -> Graph:
    live = graph.live()
    sliced = gather(graph, [index for index, alive in enumerate(live) if alive])
    read = {node.owner for node in sliced.nodes}
    owners = tuple(owner for owner in graph.owners if owner.path in read)
    return Graph(sliced.nodes, sliced.outputs, owners, sliced.provenance)


@dataclass(slots=True)
class _World:
    """What inputs stand for, and which version is read.

    `stand_ins` has, for what is bound and was needed so far, the node in place of each of the spec's nodes,
    and what that is called; `pending` the bound inputs that are being worked out; `known` values of terms.
    """

    bind: dict[str, Term]
    version: str
    stand_ins: dict[int, tuple[int, str]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    pending: list[str] = field(default_factory=list)
    known: dict[Term, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_overlap(self.bind)

    def refuse_unused(self) -> None:
        """Raises ValueError where nothing reads what is bound."""
        for name in self.bind:
            if name not in self.done:
                raise ValueError(f"input {name!r} is bound, but nothing here reads it")


_Copied = dict[int, tuple[int, tuple[str, ...]]]
"""For each of the spec's nodes, what it became in some world, and the names of what it reads there."""


class _Composer:
    """The spec's nodes, and after them the copies that are made."""

    def __init__(self, graph: Graph) -> None:
        self._spec = graph
        self._inputs = Inputs(graph)
        self._nodes = list(graph.nodes)
        self._provenance: list[Any] = list(graph.provenance or [None] * len(graph.nodes))
        self._made: dict[Any, int] = {}
        self._calls: dict[tuple[Call, str], int] = {}
        self._slots = {node.slot for node in graph.nodes if node.slot is not None}
        self._sites = max((node.evaluation or 0 for node in graph.nodes), default=0)

    def graph(self, outputs: tuple[Output, ...]) -> Graph:
        provenance = tuple(self._provenance) if any(self._provenance) else ()
        return Graph(tuple(self._nodes), outputs, self._spec.owners, provenance)

    def value(self, term: Term | float, world: _World) -> int:
        """The node that has the value of a term; names are outputs in `world`."""
        if isinstance(term, int | float):
            raise ValueError(f"the number {term} is an operand of arithmetic alone")
        if term not in world.known:
            world.known[term] = self._value(term, world)
        return world.known[term]

    def _value(self, term: Term, world: _World) -> int:
        match term:
            case str():
                return self._output(term, world)
            case Call(output, bind, version):
                version = _known_version(version or world.version)
                if (term, version) not in self._calls:
                    inner = _World(dict(bind), version)
                    self._calls[term, version] = self._output(output, inner)
                    inner.refuse_unused()
                return self._calls[term, version]
            case Number(value):
                return self._number(value)
            case Apply():
                return self._applied(term, tuple(self.value(operand, world) for operand in term.operands))
            case Input(name):
                raise ValueError(
                    f"input {name!r} stands in the place of another, which gives it its type;"
                    f" the spec declares further ones: `input {name}: f32[4]`"
                )
        raise TypeError(f"an entry computes outputs by name, Call or Apply, not {term!r}")

    def _output(self, name: str, world: _World) -> int:
        if name not in self._spec.output:
            raise KeyError(unknown("output", name, self._spec.output))
        root = self._spec.output[name].node
        live = self._spec.live([root])
        for bound in world.bind:
            if any(live[node] for node in self._inputs.nodes(bound)):
                self._resolve(bound, world)
        if not world.stand_ins and world.version == ONLINE:
            return root
        new: _Copied = {}
        for index in range(root + 1):
            if live[index]:
                stand_in = world.stand_ins.get(index)
                if stand_in is None:
                    new[index] = self._copy(index, new, world.version)
                else:
                    new[index] = stand_in[0], (stand_in[1],)
        return new[root][0]

    def _resolve(self, name: str, world: _World) -> None:
        """Work out what stands in the place of a bound input."""
        if name in world.done:
            return
        if name in world.pending:
            raise ValueError(f"{label_of(world.bind[name])} depends on input {name!r} itself")
        world.pending.append(name)
        term = world.bind[name]
        if isinstance(term, Input):
            for index in self._inputs.nodes(name):
                world.stand_ins[index] = self._renamed(index, name, term.name), term.name
        else:
            target, source = self._inputs.presented(name), self.value(term, world)
            given, wanted = self._nodes[source].type, self._nodes[target].type
            if given != wanted:
                raise ValueError(f"{label_of(term)} is {given}, input {name!r} takes {wanted}")
            world.stand_ins[target] = source, label_of(term)
        world.pending.pop()
        world.done.add(name)

    def _copy(self, index: int, new: _Copied, version: str) -> tuple[int, tuple[str, ...]]:
        """The node over what its operands became, in that version; itself where nothing differs.

        A copy is called by the version, and by what it reads in place of inputs, so that its name hangs on
        nothing else in the entry.
        """
        node = self._spec.nodes[index]
        operands = tuple(new[operand][0] for operand in node.operands)
        read = tuple(dict.fromkeys(name for operand in node.operands for name in new[operand][1]))
        version = version if node.owner is not None else node.version
        if version == TARGET and TARGET not in read:
            read = (TARGET, *read)
        if operands == node.operands and version == node.version:
            return index, read
        key = (index, operands, version)
        if key not in self._made:
            place = self._provenance[index]
            if isinstance(place, Provenance):
                place = replace(place, name=".".join((*read, place.name)))
            site, slot = self._effects(node, version, read)
            copied = replace(node, operands=operands, version=version, evaluation=site, slot=slot)
            self._made[key] = self._append(copied, place)
        return self._made[key], read

    def _effects(self, node: Node, version: str, read: tuple[str, ...]) -> tuple[int | None, str | None]:
        """Call site and slot of a copy. A target moves no statistics: they follow the online ones."""
        site, slot = node.evaluation, node.slot
        if site is not None:
            moved = version == TARGET and node.spec.effect in STATISTICS
            site = None if moved else self._new_site()
        return site, None if slot is None else self._new_slot(".".join((*read, slot)))

    def _applied(self, term: Apply, operands: tuple[int, ...]) -> int:
        node = applied(term, tuple(self._nodes[operand] for operand in operands))
        key = (node.op, operands, Frozen(node.values), term.draw)
        if key not in self._made:
            site = None if node.spec.effect is Effect.PURE else self._new_site()
            slot = self._new_slot(term.label) if node.spec.slotted else None
            made = replace(node, operands=operands, evaluation=site, slot=slot)
            self._made[key] = self._append(made, Provenance(node.op))
        return self._made[key]

    def _number(self, value: float) -> int:
        key = Number(value)
        if key not in self._made:
            attributes = coerce_attributes(OPS["constant"], {"value": value})
            self._made[key] = self._append(Node("constant", (), attributes, f32()), Provenance("constant"))
        return self._made[key]

    def _renamed(self, index: int, bound: str, name: str) -> int:
        """The input of that name, of the type of the bound one that a node is, or is a part of; one that the
        spec has, where it has it.
        """
        wanted = renamed(self._spec.nodes[index], bound, name)
        path = wanted.input_path
        for other, known in enumerate(self._nodes):
            if known.op == "input" and known.input_name == name:
                if known == wanted:
                    return other
                shared = min(len(path), len(known.input_path))
                if known.input_path[:shared] == path[:shared]:
                    what = ".".join((name, *known.input_path))
                    raise ValueError(f"input {what!r} is {known.type}, not also one of {wanted.type}")
        return self._append(wanted, Provenance(".".join((name, *path))))

    def _append(self, node: Node, place: Any) -> int:
        self._nodes.append(node)
        self._provenance.append(place)
        return len(self._nodes) - 1

    def _new_site(self) -> int:
        self._sites += 1
        return self._sites

    def _new_slot(self, stem: str) -> str:
        slot = free_name(stem, self._slots)
        self._slots.add(slot)
        return slot
