"""How large a spec may be. Each limit has a diagnostic of its own, and each can be raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from rl2graph.diagnostics import DiagnosticError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most of each.

    Attributes:
        bytes: of a file (RLG108).
        statements: of a file (RLG108).
        nesting: brackets inside each other (RLG107).
        depth: expressions and expansions inside each other (RLG107).
        nodes: that the spec makes, and definitions that it expands (RLG307).
        steps: of elaboration (RLG307).
        weights: in all (RLG308).
    """

    bytes: int = 16_000_000
    statements: int = 1_000_000
    nesting: int = 100
    depth: int = 200
    nodes: int = 2_000_000
    steps: int = 20_000_000
    weights: int = 10_000_000_000


DEFAULT = Limits()


def limit_hint(name: str) -> str:
    """How a user raises a limit."""
    return f"`--limit {name}=NUMBER` raises the limit"


def limits_from(items: Iterable[str]) -> Limits:
    """The limits that options such as `nodes=5000000` set.

    Raises:
        DiagnosticError: RLG612.
    """
    names = [field.name for field in fields(Limits)]
    given: dict[str, int] = {}
    for item in items:
        name, equals, text = item.partition("=")
        if not equals or name not in names:
            hint = did_you_mean(name, names) or f"limits are {', '.join(names)}"
            raise DiagnosticError.of("RLG612", f"`{item}` sets no limit", hint=hint)
        digits = text.replace("_", "")
        if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:19]) < 10**18):
            raise DiagnosticError.of("RLG612", f"the limit `{name}` is a whole number above 0, not `{text}`")
        given[name] = int(digits)
    return replace(DEFAULT, **given)
