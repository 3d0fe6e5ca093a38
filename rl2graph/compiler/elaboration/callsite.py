"""A call about to happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import Given
from rl2graph.diagnostics import Span


@dataclass(frozen=True, slots=True)
class CallSite:
    """The arguments of a call and where it stands.

    `span` is the whole call, `callee` the name that is called; `tail` says that the call's value is the very
    value of the binding it stands in.
    """

    positional: Sequence[Given]
    keywords: Sequence[Given]
    span: Span
    callee: Span
    context: Context
    tail: bool = False

    @property
    def in_pipeline(self) -> bool:
        """Whether the first operand stands before the call, as in `x |> dense(8)`."""
        return bool(self.positional) and self.positional[0].span.end <= self.span.start
