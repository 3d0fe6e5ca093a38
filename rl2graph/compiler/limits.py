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
MAX_DIGITS = 18  # of a limit: what fits 64 bits
MAX_DEPTH = 100_000  # Python takes no recursion limit beyond 32 bits of frames, and memory ends before


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
        if name in given:
            raise DiagnosticError.of("RLG612", f"the limit `{name}` is given twice")
        given[name] = _number(name, text)
    return replace(DEFAULT, **given)


def _number(name: str, text: str) -> int:
    """The value of the limit `name`; leading zeros and underscores count for nothing."""
    digits = text.replace("_", "")
    significant = digits.lstrip("0")
    if not (digits.isascii() and digits.isdigit() and significant):
        raise DiagnosticError.of("RLG612", f"the limit `{name}` is a whole number above 0, not `{text}`")
    if len(significant) > MAX_DIGITS:
        raise DiagnosticError.of("RLG612", f"the limit `{name}` has at most {MAX_DIGITS} digits")
    value = int(significant)
    if name == "depth" and value > MAX_DEPTH:
        raise DiagnosticError.of("RLG612", f"the limit `depth` is at most {MAX_DEPTH:,}, not {value:,}")
    return value
