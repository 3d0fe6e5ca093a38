"""Random spaces, small enough that programs over them run in no time."""

from __future__ import annotations

from random import Random

from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import (
    Box,
    Discrete,
    Image,
    Leaf,
    MultiBinary,
    MultiDiscrete,
    Record,
    Space,
    Vector,
    unbounded,
)

PARTS = ("joints", "camera", "left arm", "goal")
"""Names of the parts of records; one of them needs quotes."""


def random_observation(random: Random, records: float = 0.2) -> Space:
    """A space of observations; one of several parts, which may have parts themselves, with that chance."""
    if random.random() >= 1 - records:
        return _record(random, deep=True)
    return random_leaf(random)


def random_action(random: Random) -> Space:
    """A space of actions, of any kind that there is."""
    kinds: list[Space] = [
        Discrete(random.randint(2, 4)),
        unbounded((random.randint(1, 3),)),
        MultiDiscrete((2, 3)),
        MultiBinary(3),
    ]
    return random.choice(kinds)


def random_leaf(random: Random) -> Leaf:
    """A space of one tensor."""
    kinds: list[Leaf] = [
        Vector((random.randint(1, 6),)),
        Vector((2, 3)),
        Image((2, 7, 6)),
        Image((3, 8, 8), channels_last=True),
        Discrete(random.randint(2, 5), random.randint(0, 1)),
        MultiDiscrete((3, 2)),
        MultiBinary(random.randint(2, 4)),
        Vector(()),
    ]
    return random.choice(kinds)


def _record(random: Random, deep: bool) -> Record:
    names = random.sample(PARTS, random.randint(1, 3))
    return Record(
        tuple(
            (name, _record(random, deep=False) if deep and random.random() > 0.9 else random_leaf(random))
            for name in names
        )
    )


def presented(space: Leaf) -> TensorType:
    """The type that a spec sees an input of that space as."""
    match space:
        case Vector() | Box() | Image():
            return f32(*space.shape)
        case Discrete() | MultiBinary():
            return f32(space.n)
        case MultiDiscrete():
            return f32(sum(space.counts))


def parts(space: Space, text: str) -> list[tuple[str, Leaf]]:
    """How a spec names each tensor of an input called `text`."""
    if not isinstance(space, Record):
        return [(text, space)]
    found = []
    for name, part in space.fields:
        inner = f"{text}.{name}" if name.isidentifier() else f'{text}["{name}"]'
        found += parts(part, inner)
    return found
