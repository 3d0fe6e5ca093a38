"""What an algorithm asks of a spec, as data."""

from __future__ import annotations

from dataclasses import dataclass

from rl2graph.ir.slots import Mode


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that the algorithm calls: its outputs, by role, and the mode that it runs in (`train` draws
    noise, `evaluate` has none).
    """

    name: str
    roles: tuple[str, ...]
    mode: Mode = "train"


@dataclass(frozen=True, slots=True)
class LossTerm:
    """A row of the loss-by-owner matrix.

    `reads` are the roles that the loss is computed from, `loss` for the spec's own `loss` statements;
    gradients are taken for every owner that they reach, other than through `detach`.
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

    Attributes:
        algorithm: its canonical name, lower case.
        title, paper: what it is, and where it is from.
        roles: outputs that a spec must have.
        actions: the kinds of action space that it serves, those of the parts of Dict and Tuple among them.
        entries: functions that it calls.
        losses: rows of the matrix of losses by owners.
        optimisers: which losses are descended together.
        inputs: what the spec's losses may read beside `obs`.
        effects: what evaluations may do beside giving values: `state` (recurrence), `random`, `collecting`
            (statistics of collected steps), `training` (those of training, as batch normalisation has).
    """

    algorithm: str
    title: str
    paper: str
    roles: tuple[str, ...]
    actions: tuple[str, ...]
    entries: tuple[EntryPoint, ...]
    losses: tuple[LossTerm, ...]
    optimisers: tuple[Optimiser, ...]
    inputs: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
