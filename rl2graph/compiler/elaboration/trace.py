"""What one statement of a file asked for and did: account is kept for `rl2graph.compiler.incremental`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.claims import Claim
    from rl2graph.compiler.elaboration.values import MacroFunction, ModuleFunction


@dataclass(slots=True)
class Trace:
    """Attributes:
    names: looked for in the file's scope, found or not.
    inputs: inputs, and parts of them, that were read.
    makes_inputs: whether it was the first to read one of them.
    claims: owners that it claimed, whether or not another statement had claimed them before.
    expanded: definitions that it expanded, once for each time.
    """

    names: set[str] = field(default_factory=set)
    inputs: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    makes_inputs: bool = False
    claims: list[tuple[str, Claim]] = field(default_factory=list)
    expanded: list[MacroFunction | ModuleFunction] = field(default_factory=list)
