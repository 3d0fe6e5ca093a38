"""What an expression can stand for while a spec is elaborated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rl2graph.diagnostics import Span
from rl2graph.ir.op import Op
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.scope import Scope


@dataclass(frozen=True, slots=True)
class Tensor:
    """A node of the graph under construction."""

    node: int


@dataclass(frozen=True, slots=True)
class Poison:
    """The value of an expression that failed: whatever reads it says nothing more."""


POISON = Poison()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A compile-time value that hangs on a space that is not known."""


UNRESOLVED = Unresolved()


@dataclass(frozen=True, slots=True)
class OpFunction:
    """An op of the table, as a function."""

    op: Op


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language itself: `head`, `by_shape`, `pyramid`."""

    name: str
    formals: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MacroFunction:
    """A `def`: its tree, and the scope and moment at which it was defined."""

    tree: ast.Macro
    scope: Scope
    moment: int


@dataclass(frozen=True, slots=True, eq=False)
class ModuleFunction:
    """A module: `path` owns its weights."""

    tree: ast.Declare
    scope: Scope
    moment: int
    path: str


Function = OpFunction | Builtin | MacroFunction | ModuleFunction
Constant = int | float | bool | str
Value = (
    Tensor
    | Poison
    | Unresolved
    | OpFunction
    | Builtin
    | MacroFunction
    | ModuleFunction
    | int
    | float
    | bool
    | str
    | list["Value"]
)


@dataclass(frozen=True, slots=True)
class Given:
    """An argument of a call: its value and the text that it comes from."""

    value: Value
    span: Span
    keyword: ast.Identifier | None = None


def describe(value: Value) -> str:
    """`a list`, `the op relu`: what a value is, for messages."""
    match value:
        case Tensor() | Poison() | Unresolved():
            return "a tensor"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the string "{value}"'
        case list():
            return "a list"
        case OpFunction():
            return f"the op `{value.op.name}`"
        case Builtin():
            return f"the function `{value.name}`"
        case MacroFunction():
            return f"the definition `{value.tree.name.text}`"
        case ModuleFunction():
            return f"the module `{value.tree.name.text}`"
