"""A call about to happen."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import Given, Text, span_of
from rl2graph.diagnostics import Span


@dataclass(slots=True)  # not frozen: one is made for every call, and freezing takes most of that time
class CallSite:
    """The arguments of a call and where it stands.

    `text` is the whole call, `callee_text` the name that is called; `tail` says that the call's value is the
    very value of the binding it stands in.
    """

    positional: list[Given]
    keywords: list[Given]
    text: Text
    callee_text: Text
    context: Context
    tail: bool = False

    @property
    def span(self) -> Span:
        return span_of(self.text)

    @property
    def callee(self) -> Span:
        return span_of(self.callee_text)

    @property
    def in_pipeline(self) -> bool:
        """Whether the first operand stands before the call, as in `x |> dense(8)`."""
        return bool(self.positional) and self.positional[0].span.end <= self.span.start
