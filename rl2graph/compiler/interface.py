"""What a spec is compiled for: the spaces, the declared inputs, and how the graph reads them."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.compiler.builder import GraphBuilder
from rl2graph.compiler.values import POISON, Tensor, Value
from rl2graph.diagnostics import Diagnostic, Span
from rl2graph.ir.table import OPS
from rl2graph.ir.types import UNKNOWN
from rl2graph.spaces import Discrete, Image, Space, same_type

ALWAYS = ("obs", "act")
"""Inputs that exist without a declaration."""


@dataclass(frozen=True, slots=True)
class Interface:
    """The spaces that a spec is compiled for; None where one is not known."""

    observation: Space | None = None
    action: Space | None = None

    def space(self, name: str) -> Space | None:
        return {"obs": self.observation, "act": self.action}.get(name)


class Inputs:
    """The inputs of a spec, made into nodes when they are first read."""

    def __init__(self, interface: Interface, builder: GraphBuilder) -> None:
        self.interface = interface
        self.declared: dict[str, Space] = {}
        self.notes: list[Diagnostic] = []
        self._builder = builder
        self._nodes: dict[str, Value] = {}

    def __contains__(self, name: str) -> bool:
        return name in ALWAYS or name in self.declared or name in self._nodes

    def names(self) -> tuple[str, ...]:
        return (*ALWAYS, *(name for name in self.declared if name not in ALWAYS))

    def declare(self, name: str, space: Space, span: Span) -> Diagnostic | None:
        """Take a declaration; the finding where the environment says otherwise."""
        actual = self.interface.space(name)
        self.declared[name] = actual or space
        if actual is None or same_type(space, actual):
            return None
        return Diagnostic(
            "RLG503",
            f"`{name}` is declared as {space}, but the environment's is {actual}",
            span,
            hint=f"write `input {name}: {actual}`, or leave the declaration out",
        )

    def space(self, name: str) -> Space | None:
        return self.interface.space(name) or self.declared.get(name)

    def is_read(self, name: str) -> bool:
        return name in self._nodes

    def poison(self, name: str) -> None:
        """What reads this input says nothing more."""
        self._nodes[name] = POISON

    def read(self, name: str, span: Span) -> Value:
        """The float encoding of an input."""
        if name not in self._nodes:
            self._nodes[name] = Tensor(self._present(name, span))
        return self._nodes[name]

    def _present(self, name: str, span: Span) -> int:
        space = self.space(name)
        type_ = UNKNOWN if space is None else space.tensor_type
        attributes = {"name": name, "dtype": type_.dtype, "shape": type_.shape}
        node = self._builder.add(OPS["input"], (), attributes, span=span, name=name)
        if isinstance(space, Image):
            if space.channels_last:
                node = self._then("channels_first", node, {}, f"{name}_chw", span)
                text = f"`{name}` is [height, width, channels] in the environment and {space} in the graph"
                self.notes.append(Diagnostic("RLG801", text, span))
            return self._then("scale_image", node, {}, f"{name}_scaled", span)
        if isinstance(space, Discrete):
            start = space.start if name == "obs" else 0
            return self._then("one_hot", node, {"n": space.n, "start": start}, f"{name}_one_hot", span)
        return node

    def _then(self, op: str, node: int, attributes: dict[str, object], name: str, span: Span) -> int:
        return self._builder.add(OPS[op], (node,), attributes, span=span, name=name)
