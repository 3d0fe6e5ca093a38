"""How the graph reads the inputs of a spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce

from rl2graph.compiler.elaboration.advice import part_of
from rl2graph.compiler.elaboration.builder import GraphBuilder
from rl2graph.compiler.elaboration.values import POISON, Fields, Tensor, Value
from rl2graph.compiler.interface import INPUTS, OF_GROUPS, Interface
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Fix, Span, misspelt
from rl2graph.ir.dims import Dim, symbol
from rl2graph.ir.table import OPS
from rl2graph.ir.types import UNKNOWN
from rl2graph.spaces import (
    Discrete,
    Image,
    Leaf,
    MultiBinary,
    MultiDiscrete,
    Record,
    Space,
    Vector,
    match_spaces,
    with_dims,
)

ACTIONS = ("act", "joint_act")
"""Inputs that are actions, whose choices count from 0 whatever the environment's do."""


class Inputs:
    """The inputs of a spec, made into nodes when they are first read.

    In the view of a group of agents, `group` is part of the name that the graph gives an input.
    """

    def __init__(self, interface: Interface, builder: GraphBuilder, group: str = "") -> None:
        self.interface = interface
        self.declared: dict[str, Space] = {}
        self.places: dict[str, Span] = {}
        self.notes: list[Diagnostic] = []
        self._builder = builder
        self._group = group
        self._values: dict[tuple[str, tuple[str, ...]], Value] = {}
        self._dims: dict[str, Dim] = {}

    def __contains__(self, name: str) -> bool:
        return name in INPUTS or name in self.declared or (name, ()) in self._values

    def names(self) -> tuple[str, ...]:
        return (*INPUTS, *(name for name in self.declared if name not in INPUTS))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Nothing that is first read inside stays."""
        values, notes = dict(self._values), len(self.notes)
        try:
            yield
        finally:
            self._values = values
            del self.notes[notes:]

    def declare(self, name: str, space: Space, span: Span) -> Diagnostic | None:
        """Take a declaration; the finding where the environment says otherwise."""
        actual = self.interface.space(name)
        self.declared[name] = space if actual is None else actual
        if actual is None:
            return None
        known = dict(self._dims)
        fits = match_spaces(space, actual, known)
        for dim in known.keys() - self._dims.keys():
            self._builder.unifier.assume(dim, known[dim], span)
        self._dims = known
        if fits:
            return None
        return Diagnostic(
            "RLG503",
            f"`{name}` is declared as {with_dims(space, known)}, but the environment's is {actual}",
            span,
            hint=f"write `input {name}: {actual}`, or leave the declaration out",
        )

    def space(self, name: str) -> Space | None:
        """The space of an input, where it is known."""
        space = self.interface.space(name) or self.declared.get(name)
        if space is None and name == "next_obs":
            space = self.declared.get("obs")
        if space is None and name in ("reward", "done"):
            return Vector(())
        if space is None and name == "agent_id":
            return Vector((symbol("agents"),))
        return None if space is None else with_dims(space, self._builder.unifier.known)

    def known(self, name: str, path: tuple[str, ...]) -> Value | None:
        """The value of an input, or of a part of it, that was read already."""
        return self._values.get((name, path))

    def is_read(self, name: str) -> bool:
        return (name, ()) in self._values

    def poison(self, name: str) -> None:
        """What reads this input says nothing more."""
        self._values[name, ()] = POISON

    def read(self, name: str, span: Span) -> Value:
        """The float encoding of an input; one of several parts is read part by part.

        Raises:
            DiagnosticError: RLG507 for what only an environment of several agents gives.
        """
        if name in OF_GROUPS and self.interface.groups == () and name not in self.declared:
            message = f"the environment has one agent, so no `{name}`"
            raise DiagnosticError.of("RLG507", message, span)
        return self._value(name, (), self.space(name), span)

    def of_each_agent(self, name: str, agents: Sequence[str], span: Span) -> list[int]:
        """The input `name` of each agent: parts of the input `joint_<name>`, by the agents' names.

        Raises:
            DiagnosticError: RLG507 where the spec has an input of that name, or an agent sees several parts.
        """
        joint, space = f"joint_{name}", self.space(name)
        if joint in self.declared:
            message = f"`joint({name})` is given as `{joint}`, which the spec declares as another input"
            raise DiagnosticError.of("RLG507", message, span)
        values = [self._value(joint, (agent,), space, span) for agent in agents]
        if not all(isinstance(value, Tensor) for value in values):
            message = f"`joint({name})` joins tensors, but each agent's `{name}` has parts"
            raise DiagnosticError.of("RLG507", message, span)
        return [value.node for value in values if isinstance(value, Tensor)]

    def part(self, whole: Fields | Tensor, field: str, span: Span) -> Value:
        """The part `field` of an input that has parts, or of one of which nothing is known.

        Raises:
            DiagnosticError: RLG208 for a part that it does not have.
        """
        if isinstance(whole, Tensor):
            name, path = self.name_of(whole)
            return self._value(name, (*path, field), None, span)
        if field not in whole.parts:
            raise DiagnosticError([_no_part(whole, field, span)])
        return self._value(whole.name, (*whole.path, field), whole.parts[field], span)

    def name_of(self, value: Tensor) -> tuple[str, tuple[str, ...]]:
        """The input, and the path to its part, that a value is; an empty name where it is none."""
        return next((key for key, known in self._values.items() if known == value), ("", ()))

    def is_open(self, value: Tensor) -> bool:
        """Whether a value is an input, or a part of one, whose space is not known."""
        return not self._builder.type_of(value.node).ranked and bool(self.name_of(value)[0])

    def _value(self, name: str, path: tuple[str, ...], space: Space | None, span: Span) -> Value:
        known = self._values.get((name, path))
        trace = self._builder.trace
        if trace is not None:
            trace.inputs.add((name, path))
            trace.makes_inputs |= known is None
        if known is None:
            if isinstance(space, Record):
                known = Fields(name, path, dict(space.fields), reduce(part_of, path, name))
            else:
                known = Tensor(self._present(name, path, space, ".".join((name, *path)), span))
            self._values[name, path] = known
        return known

    def _present(self, name: str, path: tuple[str, ...], space: Leaf | None, shown: str, span: Span) -> int:
        type_ = UNKNOWN if space is None else space.tensor_type
        own = f"{self._group}_{name}" if self._group else name
        shown = f"{self._group}.{shown}" if self._group else shown
        attributes = {"name": own, "dtype": type_.dtype, "shape": type_.shape, "path": path}
        node = self._builder.add(OPS["input"], (), attributes, span=span, name=shown)
        self._builder.reads_action[node] = name in ACTIONS
        match space:
            case Image():
                if space.channels_last:
                    node = self._then("channels_first", node, {}, f"{shown}_chw", span)
                    plain = replace(space, channels_last=False)
                    text = (
                        f"`{shown}` is [height, width, channels] in the environment and {plain} in the graph"
                    )
                    self.notes.append(Diagnostic("RLG801", text, span))
                return self._then("scale_image", node, {}, f"{shown}_scaled", span)
            case Discrete():
                start = 0 if name in ACTIONS else space.start
                return self._then("one_hot", node, {"n": space.n, "start": start}, f"{shown}_one_hot", span)
            case MultiDiscrete():
                return self._choices(node, space, shown, span)
            case MultiBinary():
                return self._then("as_float", node, {}, f"{shown}_float", span)
        return node

    def _choices(self, node: int, space: MultiDiscrete, shown: str, span: Span) -> int:
        """Several choices as their one-hot vectors, joined."""
        if space.dims:
            node = self._then("flatten", node, {}, f"{shown}_flat", span)
        if not space.starts:
            return self._then("one_hots", node, {"counts": space.counts}, f"{shown}_one_hots", span)
        each = []
        for index, (count, start) in enumerate(zip(space.counts, space.starts, strict=True)):
            part = self._then("select", node, {"index": index}, f"{shown}_{index}", span)
            encoding: dict[str, object] = {"n": count, "start": start}
            each.append(self._then("one_hot", part, encoding, f"{shown}_{index}_one_hot", span))
        return self._builder.add(OPS["concat"], tuple(each), {}, span=span, name=f"{shown}_one_hots")

    def _then(self, op: str, node: int, attributes: dict[str, object], name: str, span: Span) -> int:
        return self._builder.add(OPS[op], (node,), attributes, span=span, name=name)


def _no_part(whole: Fields, name: str, at: Span) -> Diagnostic:
    """The refusal of a part; what was meant by a `name` after a dot may be a name that needs quotes."""
    message = f"`{whole.text}` has no part `{name}`"
    otherwise = f"its parts are {', '.join(whole.parts)}"
    found = misspelt("RLG208", message, at, name, whole.parts, otherwise)
    if found.fix is None:
        return found
    meant = found.fix.replacement
    written = part_of(whole.text, meant)
    dot = at.start - 1
    if written.endswith(f".{meant}") or at.source.text[dot] != ".":
        return found
    fix = None
    if not set(meant) & set('"\\\n'):
        span, text = Span(at.source, dot, at.end), written.removeprefix(whole.text)
        fix = Fix(f"replace `{span.text}` by `{text}`", span, text, found.fix.safe)
    return replace(found, hint=f"did you mean `{written}`?", fix=fix)
