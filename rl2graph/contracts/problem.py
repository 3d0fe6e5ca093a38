"""What a check of a graph against a contract finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A way in which a graph fails a contract; `node` is the node that it is about, `loss` the `loss`
    statement, `input` the declaration of an input, if any.
    """

    code: str
    message: str
    hint: str | None = None
    node: int | None = None
    loss: str | None = None
    input: str | None = None
