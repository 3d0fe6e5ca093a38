"""What a file says of itself: outputs, losses and parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from rl2graph.compiler.elaboration.values import Constant, Value
from rl2graph.diagnostics import Span
from rl2graph.lang import ast


@dataclass(slots=True)
class Declared:
    """A value that an `output` or a `loss` statement names."""

    name: str
    role: str | None
    value: Value
    span: Span
    role_at: ast.Identifier | None


@dataclass(slots=True)
class Program:
    """What a file says of itself: outputs (`exports` tells whether an `output` statement is there at all),
    losses, and parameters by their qualified name, in the form in which they can be given again.
    """

    outputs: list[Declared] = field(default_factory=list)
    exports: bool = False
    losses: list[Declared] = field(default_factory=list)
    parameters: dict[str, Constant] = field(default_factory=dict)
    parameter_names: list[str] = field(default_factory=list)
