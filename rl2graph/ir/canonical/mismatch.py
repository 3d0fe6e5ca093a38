"""What a comparison of two graphs comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "output",
    "op",
    "operands",
    "input",
    "attribute",
    "type",
    "version",
    "weights",
    "state",
    "effect",
    "evaluation",
    "noise",
    "statistics",
]
"""What differs: an output that only one has; an op; how many operands; an input's name, path or type; an
attribute; a type; online or target weights; weights that are shared on one side and apart on the other; the
name of a state; an effect that is switched off on one side; an evaluation with an effect that is one on one
side and two on the other; noise that is shared on one side; the order in which statistics move.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of one graph, and what is to be seen there."""

    node: int
    label: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two graphs that are not one function, and the first place where that shows, operands before users.

    Attributes:
        reason: one sentence; it calls the graphs A and B.
        a, b: the places in each graph that it is about, the one that matters most first; none where the other
            graph alone has something.
        above: the pairs of nodes through which the walk came there from the outputs, the nearest first.
    """

    kind: Kind
    reason: str
    a: tuple[Place, ...]
    b: tuple[Place, ...]
    above: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return False

    @property
    def nodes(self) -> tuple[int | None, int | None]:
        """The nodes that differ."""
        return self.a[0].node if self.a else None, self.b[0].node if self.b else None


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two graphs that are one function, and what of one is what of the other.

    Attributes:
        owners: paths in A to paths in B, in the order of their first use.
        noise: slots of noise likewise.
        nodes: nodes of A to nodes of B, operands before users; of duplicates the first alone.
    """

    owners: Mapping[str, str]
    noise: Mapping[str, str]
    nodes: Mapping[int, int]

    def __bool__(self) -> bool:
        return True
