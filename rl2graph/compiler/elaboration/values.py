"""What an expression can stand for while a spec is elaborated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rl2graph.diagnostics import Span
from rl2graph.frozen import quickly_made
from rl2graph.ir.op import Op
from rl2graph.lang import ast
from rl2graph.spaces import Space

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.scope import Scope
    from rl2graph.compiler.elaboration.settings import Settings


@quickly_made
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
    """A function of the language itself, such as `head`; the first `required` arguments must be given."""

    name: str
    formals: tuple[str, ...]
    required: int = 1


@dataclass(slots=True, eq=False)
class MacroFunction:
    """A `def`: its tree, and the scope and moment at which it was defined; `expanded`: a call ran it."""

    tree: ast.Macro
    scope: Scope
    moment: int
    expanded: bool = False


@dataclass(slots=True, eq=False)
class ModuleFunction:
    """A module: `path` owns its weights, which are treated as `settings` say."""

    tree: ast.Declare
    scope: Scope
    moment: int
    path: str
    settings: Settings
    shared: bool = False
    expanded: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """An input of parts, such as a dict observation, or the part at `path` of one that has parts itself;
    `text` is what a reader calls it.
    """

    name: str
    path: tuple[str, ...]
    parts: Mapping[str, Space]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """An imported file: its definitions by name."""

    scope: Scope
    text: str
    shipped: bool = False


Function = OpFunction | Builtin | MacroFunction | ModuleFunction
Constant = int | float | bool | str | list["Constant"]
"""What a parameter of a spec can be set to; an op goes by its name."""

Value = (
    Tensor
    | Poison
    | Unresolved
    | OpFunction
    | Builtin
    | MacroFunction
    | ModuleFunction
    | Fields
    | Namespace
    | int
    | float
    | bool
    | str
    | list["Value"]
)


Text = ast.Syntax | Span
"""A stretch of a spec: a part of its tree until a finding, or a node of the graph, needs the span itself."""


def span_of(text: Text) -> Span:
    """The characters of a stretch of text."""
    return text if isinstance(text, Span) else Span(text.source, text.start, text.end)


@dataclass(slots=True)  # not frozen: one is made for every argument, and freezing takes most of that time
class Given:
    """An argument of a call: its value and the text that it comes from."""

    value: Value
    text: Text
    keyword: ast.Identifier | None = None

    @property
    def span(self) -> Span:
        return span_of(self.text)


def holds_tensors(value: Value) -> bool:
    """Whether a value is a list with tensors in it."""
    return isinstance(value, list) and any(isinstance(item, Tensor) or holds_tensors(item) for item in value)


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
        case Fields():
            return f"`{value.text}`, which has the parts {', '.join(value.parts)}"
        case Namespace():
            return f"the imported file `{value.text}`"
        case MacroFunction():
            what = "preset" if value.tree.source.shipped else "definition"
            return f"the {what} `{value.tree.name.text}`"
        case ModuleFunction():
            return f"the module `{value.tree.name.text}`"
