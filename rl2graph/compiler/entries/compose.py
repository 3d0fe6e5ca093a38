"""Composing entry points: slices, substitutions and versions of a spec's graph, as one graph.

A node is copied only where something about it differs: what it reads, or the version of its weights. All else
is the spec's own node, so that what two parts of an entry share is one evaluation, effects included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import Any

from rl2graph.compiler.entries.terms import Apply, Call, Input, Term
from rl2graph.diagnostics import nearest
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Node, Output, attribute_key, gather
from rl2graph.ir.op import STATISTICS, Effect, TypeProblem
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.reserved import free_name
from rl2graph.ir.slots import with_shared_states
from rl2graph.ir.table import OPS, emitted_names
from rl2graph.ir.types import f32

_PRESENTING = ("one_hot", "one_hots", "as_float", "scale_image", "channels_first")


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
        bind, version: as of `Call`, for the outputs that are named.

    Raises:
        KeyError: an output, input or op that there is not.
        ValueError: a bound value whose type is not the input's, or one that depends on that very input; an
            input whose name cannot be one; an application that the op's shape rule refuses.
    """
    composer = _Composer(graph)
    world = _World(dict(bind or {}), _known_version(version))
    terms = outputs if isinstance(outputs, Mapping) else {name: name for name in outputs}
    for name, term in terms.items():
        if isinstance(term, int | float):
            raise ValueError(f"output {name!r} is a number, which is an operand of arithmetic alone")
    chosen = tuple(
        Output(name, _role(graph, term), composer.value(term, world)) for name, term in terms.items()
    )
    world.refuse_unused()
    return _sliced(with_shared_states(composer.graph(chosen)))


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

    `stand_ins` has, for what is bound and was needed so far, the node in place of each of the spec's nodes;
    `pending` the bound inputs that are being worked out.
    """

    bind: dict[str, Term]
    version: str
    stand_ins: dict[int, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    pending: list[str] = field(default_factory=list)

    def refuse_unused(self) -> None:
        """Raises ValueError where nothing reads what is bound."""
        for name in self.bind:
            if name not in self.done:
                raise ValueError(f"input {name!r} is bound, but nothing here reads it")


class _Composer:
    """The spec's nodes, and after them the copies that are made."""

    def __init__(self, graph: Graph) -> None:
        self._spec = graph
        self._users = graph.users()
        self._nodes = list(graph.nodes)
        self._provenance: list[Any] = list(graph.provenance or [None] * len(graph.nodes))
        self._made: dict[Any, int] = {}
        self._slots = {node.slot for node in graph.nodes if node.slot is not None}
        self._sites = max((node.evaluation or 0 for node in graph.nodes), default=0)

    def graph(self, outputs: tuple[Output, ...]) -> Graph:
        provenance = tuple(self._provenance) if any(self._provenance) else ()
        return Graph(tuple(self._nodes), outputs, self._spec.owners, provenance)

    def value(self, term: Term, world: _World) -> int:
        """The node that has the value of a term; names are outputs in `world`."""
        match term:
            case str():
                return self._output(term, world)
            case Call(output, bind, version):
                inner = _World(dict(bind), _known_version(version))
                node = self._output(output, inner)
                inner.refuse_unused()
                return node
            case int() | float():
                return self._number(float(term))
            case Apply():
                return self._applied(term, [self.value(operand, world) for operand in term.operands])
            case Input(name):
                raise ValueError(f"input {name!r} stands in the place of another, which gives it its type")
        raise TypeError(f"an entry computes outputs by name, Call, Apply or Input, not {term!r}")

    def _output(self, name: str, world: _World) -> int:
        if name not in self._spec.output:
            raise KeyError(_unknown("output", name, self._spec.output))
        root = self._spec.output[name].node
        live = self._spec.live([root])
        for bound in world.bind:
            for node in self._inputs(bound):
                if live[node]:
                    self._resolve(bound, world)
        if not world.stand_ins and world.version == ONLINE:
            return root
        new: dict[int, int] = {}
        for index in range(root + 1):
            if live[index]:
                stand_in = world.stand_ins.get(index)
                new[index] = self._copy(index, new, world.version) if stand_in is None else stand_in
        return new[root]

    def _resolve(self, name: str, world: _World) -> None:
        """Work out what stands in the place of a bound input."""
        if name in world.done:
            return
        if name in world.pending:
            raise ValueError(f"output {world.bind[name]!r} depends on input {name!r} itself")
        world.pending.append(name)
        term = world.bind[name]
        if isinstance(term, Input):
            for index in self._inputs(name):
                world.stand_ins[index] = self._renamed(index, term.name)
        else:
            target, source = self._presented(name), self.value(term, world)
            given, wanted = self._nodes[source].type, self._nodes[target].type
            if given != wanted:
                what = f"output {term!r}" if isinstance(term, str) else f"{term}"
                raise ValueError(f"{what} is {given}, input {name!r} takes {wanted}")
            world.stand_ins[target] = source
        world.pending.pop()
        world.done.add(name)

    def _copy(self, index: int, new: Mapping[int, int], version: str) -> int:
        """The node over what its operands became, in that version; itself where nothing differs."""
        node = self._spec.nodes[index]
        operands = tuple(new[operand] for operand in node.operands)
        version = version if node.owner is not None else node.version
        if operands == node.operands and version == node.version:
            return index
        key = (index, operands, version)
        if key not in self._made:
            place = self._provenance[index]
            if version == TARGET and isinstance(place, Provenance):
                place = replace(place, name=f"{version}.{place.name}")
            copied = replace(node, operands=operands, version=version, **self._effects(node, version))
            self._made[key] = self._append(copied, place)
        return self._made[key]

    def _effects(self, node: Node, version: str) -> dict[str, Any]:
        """Call site and slot of a copy. A target moves no statistics: they follow the online ones."""
        site, slot = node.evaluation, node.slot
        if site is not None:
            moved = version == TARGET and node.spec.effect in STATISTICS
            site = None if moved else self._new_site()
        if slot is not None:
            slot = self._new_slot(slot if version == ONLINE else f"{version}_{slot}")
        return {"evaluation": site, "slot": slot}

    def _number(self, value: float) -> int:
        attributes = coerce_attributes(OPS["constant"], {"value": value})
        key = attribute_key(attributes)
        if key not in self._made:
            self._made[key] = self._append(Node("constant", (), attributes, f32()), Provenance("constant"))
        return self._made[key]

    def _applied(self, term: Apply, operands: list[int]) -> int:
        op = OPS.get(term.op)
        if op is None or not op.written:
            raise KeyError(_unknown("op", term.op, [name for name, known in OPS.items() if known.written]))
        numbers = [self._nodes[operand].op == "constant" for operand in operands]
        if any(numbers) and (not op.constants or all(numbers)):
            raise ValueError(f"{op.name} takes tensors, or numbers beside them where it is arithmetic")
        if op.has_weights:
            raise ValueError(f"{op.name} has weights, which the spec alone gives to its nodes")
        types = tuple(self._nodes[operand].type for operand in operands)
        try:
            attributes = coerce_attributes(op, term.attributes)
            fits = bool(operands) if op.variadic else len(operands) in op.arities
            if not fits:
                raise ValueError(f"{op.name} does not take {len(operands)} operands")
            type_ = op.infer(types, dict(attributes))
        except TypeProblem as problem:
            raise ValueError(problem.message) from None
        key = (op.name, tuple(operands), attribute_key(attributes))
        if key not in self._made:
            site = None if op.effect is Effect.PURE else self._new_site()
            slot = self._new_slot(op.name) if op.slotted else None
            node = Node(op.name, tuple(operands), attributes, type_, evaluation=site, slot=slot)
            self._made[key] = self._append(node, Provenance(op.name))
        return self._made[key]

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

    def _renamed(self, index: int, name: str) -> int:
        """The input of that name and of the type of another; one that the spec has, where it has it."""
        if not name.isidentifier() or iskeyword(name) or name in emitted_names():
            raise ValueError(f"{name!r} cannot be an input's name")
        node = self._spec.nodes[index]
        wanted = replace(node, attributes=tuple((k, name if k == "name" else v) for k, v in node.attributes))
        for other, known in enumerate(self._nodes):
            if known.op == "input" and known.values["name"] == name:
                if known == wanted:
                    return other
                if known.values["path"] == node.values["path"]:
                    raise ValueError(
                        f"input {name!r} is {known.type}, it cannot stand for one of {node.type}"
                    )
        return self._append(wanted, Provenance(".".join((name, *_path(node)))))

    def _inputs(self, name: str) -> list[int]:
        """The spec's nodes that are that input, or the part of it, or its parts."""
        found = []
        for index, node in enumerate(self._spec.nodes):
            if node.op == "input":
                whole = str(node.values["name"])
                if name in (whole, ".".join((whole, *_path(node)))):
                    found.append(index)
        if not found:
            raise KeyError(_unknown("input", name, self._known_inputs()))
        return found

    def _known_inputs(self) -> list[str]:
        inputs = (node for node in self._spec.nodes if node.op == "input")
        return list(dict.fromkeys(".".join((str(node.values["name"]), *_path(node))) for node in inputs))

    def _presented(self, name: str) -> int:
        """The node by which the graph reads an input: itself, or the last of the ops that encode it."""
        index, *others = self._inputs(name)
        if others:
            parts = [known for known in self._known_inputs() if known.startswith(f"{name}.")]
            raise ValueError(f"input {name!r} has parts, which are bound one by one: {', '.join(parts)}")
        while len(set(self._users[index])) == 1 and self._spec.nodes[self._users[index][0]].op in _PRESENTING:
            index = self._users[index][0]
        return index


def _path(node: Node) -> tuple[str, ...]:
    path = node.values["path"]
    assert isinstance(path, tuple)
    return tuple(map(str, path))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = nearest(name, names)
    hint = f"; did you mean {near!r}?" if near else ""
    listed = f", the {what}s are {', '.join(names)}" if what != "op" else ""
    return f"no {what} {name!r}{listed}{hint}"
