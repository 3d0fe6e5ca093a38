"""Names, and the paths that weights get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rl2graph.compiler.elaboration.settings import NO_SETTINGS, Settings
from rl2graph.compiler.elaboration.values import Value
from rl2graph.diagnostics import Span


@dataclass(slots=True)
class Binding:
    """A name in a scope; `moment` orders it among all bindings, `read` tells whether anything read it."""

    name: str
    value: Value
    span: Span
    moment: int
    what: str = "binding"
    read: bool = False


class Scope:
    """Names of a file, a block or an expansion.

    A scope inside a definition sees of its parents only what was bound before the definition was (`until`).
    """

    __slots__ = ("asked", "bindings", "imported", "parent", "until")

    def __init__(self, parent: Scope | None = None, until: int | None = None) -> None:
        self.parent = parent
        self.until = until
        self.bindings: dict[str, Binding] = {}
        self.imported = False  # the file's own: it sees no input that another file declares
        self.asked: set[str] | None = None  # names looked for here, where somebody keeps account of them

    def find(self, name: str) -> Binding | None:
        """The binding that `name` means here, or None."""
        limit: int | None = None
        scope: Scope | None = self
        while scope is not None:
            if scope.asked is not None:
                scope.asked.add(name)
            binding = scope.bindings.get(name)
            if binding is not None and (limit is None or binding.moment < limit):
                return binding
            if scope.until is not None:
                limit = scope.until if limit is None else min(limit, scope.until)
            scope = scope.parent
        return None

    @property
    def is_imported(self) -> bool:
        """Whether this is a scope of an imported file, or of the shipped library."""
        scope: Scope | None = self
        while scope is not None:
            if scope.imported:
                return True
            scope = scope.parent if scope.parent is None or scope.parent.parent is not None else None
        return False

    def own(self, name: str) -> Binding | None:
        """What this very scope binds a name to, or None."""
        if self.asked is not None:
            self.asked.add(name)
        return self.bindings.get(name)

    def names(self) -> Iterator[str]:
        """Every name that can be meant here."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.bindings
            scope = scope.parent


@dataclass(slots=True)
class Namer:
    """Gives owner paths below `prefix` (the design's rule 2), and says how those owners are treated.

    `module` is the path of the module, or of the binding shared by groups, whose weights this names: claims
    by an earlier use of the same one are the same weights.
    """

    prefix: str
    module: str | None = None
    settings: Settings = NO_SETTINGS
    counts: dict[str, int] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)

    def child(self, name: str) -> str:
        """`<prefix>.<name>`, with `_k` where it is not the first."""
        number = self.counts.get(name, 0)
        self.counts[name] = number + 1
        stem = name if number == 0 else f"{name}_{number}"
        return f"{self.prefix}.{stem}" if self.prefix else stem

    def inner(self, name: str) -> Namer:
        """The namer of a binding `name` inside this one."""
        return Namer(self.child(name), self.module, self.settings, claimed=self.claimed)
