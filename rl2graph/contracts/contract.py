"""What an algorithm asks of a spec, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that the algorithm calls: its outputs, by role."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LossTerm:
    """A row of the loss-by-owner matrix.

    `reads` are the roles that the loss is computed from; gradients are taken for every owner that they
    reach, other than through `detach`.
    """

    name: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Optimiser:
    """One optimiser and the losses whose sum it descends: an owner under several of them is stepped once."""

    name: str
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an algorithm needs and does.

    `actions` are the kinds of action space that it serves (`discrete`, `box`).
    """

    algorithm: str
    title: str
    paper: str
    roles: tuple[str, ...]
    actions: tuple[str, ...]
    entries: tuple[EntryPoint, ...]
    losses: tuple[LossTerm, ...]
    optimisers: tuple[Optimiser, ...]
