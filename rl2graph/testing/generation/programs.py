"""Random typed programs: specs drawn from the op table, with everything that one agent's spec can say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from rl2graph.spaces import Discrete, Image, Space, Vector, unbounded
from rl2graph.testing.generation.maker import Maker
from rl2graph.testing.generation.spaces import random_action, random_leaf, random_observation
from rl2graph.testing.generation.statements import KINDS


@dataclass(frozen=True, slots=True)
class Program:
    """A spec without errors for its spaces."""

    text: str
    observation: Space
    action: Space


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOptions:
    """What random programs are made of.

    Attributes:
        statements: fewest and most statements that are tried; one for which nothing fits is left out.
        kinds: kinds of statements (`rl2graph.testing.generation.statements.KINDS`) and how often each is
            tried, by weight.
        plain: only one vector, image or choice is observed, and nothing else is read.
        records: the chance that what is observed has several parts.
        nested: the chance that an operand is an application itself.
        unstable: ops too that amplify small differences (`log`, `argmax`, …): for graphs that are not run.
    """

    statements: tuple[int, int] = (3, 12)
    kinds: tuple[tuple[str, float], ...] = (
        ("op", 5),
        ("arithmetic", 1),
        ("duplicate", 2),
        ("gradient", 1),
        ("module", 0.8),
        ("call", 5),
        ("effect", 1.2),
        ("definition", 0.8),
        ("macro", 0.8),
        ("loop", 0.5),
        ("preset", 0.5),
        ("parameter", 0.3),
        ("attention", 0.3),
        ("ensemble", 0.4),
        ("annotated", 0.5),
        ("dead", 0.4),
        ("loss", 0.5),
    )
    plain: bool = False
    records: float = 0.2
    nested: float = 0.2
    unstable: bool = False


DEFAULT = ProgramOptions()
PLAIN = ProgramOptions(
    kinds=(("op", 8), ("arithmetic", 2), ("duplicate", 2), ("module", 3), ("call", 5)),
    plain=True,
    records=0.0,
    nested=0.0,
)
"""One observation, one op a statement, modules of one operand: for what takes no more."""


def random_program(seed: int, options: ProgramOptions = DEFAULT, statements: int | None = None) -> Program:
    """The program of that seed: valid for its spaces, and the same as long as the op table is.

    Args:
        statements: how many are tried, in place of what `options` says.
    """
    random = Random(seed)
    construction = Construction(random, options)
    for _ in range(statements or random.randint(*options.statements)):
        construction.statement()
    return construction.finish()


def random_programs(count: int, options: ProgramOptions = DEFAULT, first: int = 0) -> Iterator[Program]:
    """The programs of `count` seeds from `first`."""
    return (random_program(seed, options) for seed in range(first, first + count))


class Construction:
    """A random program in the making; every choice comes from `random`, statement by statement."""

    def __init__(self, random: Random, options: ProgramOptions = DEFAULT) -> None:
        self._random = random
        self._kinds, self._weights = zip(*options.kinds, strict=True)
        self._plain = options.plain
        if options.plain:
            self.observation: Space = random.choice(_PLAIN_OBSERVATIONS)
            self.action: Space = random.choice(_PLAIN_ACTIONS)
        else:
            self.observation = random_observation(random, options.records)
            self.action = random_action(random)
        self._maker = Maker(random, self.observation, options.unstable, options.nested)
        if not options.plain:
            self._more_inputs()

    def statement(self) -> None:
        """Add a statement of a random kind, or none where nothing fits."""
        (kind,) = self._random.choices(self._kinds, self._weights)
        KINDS[kind](self._maker)

    def finish(self) -> Program:
        """The program as it stands, with its outputs."""
        roles = ["pi"]
        if not self._plain and self._random.random() >= 0.6:
            roles.append("v")
        return Program(self._maker.finish(roles), self.observation, self.action)

    def _more_inputs(self) -> None:
        """Numbers by name, the action, an input of the program's own."""
        random, maker = self._random, self._maker
        if random.random() >= 0.8:
            number = random.randint(1, 5)
            maker.head.append(f"param width = {number}")
            maker.parameters[number] = "width"
        if random.random() >= 0.8:
            maker.read("act", self.action)
        if random.random() >= 0.8:
            maker.declare("extra", random_leaf(random))


_PLAIN_OBSERVATIONS: tuple[Space, ...] = (
    Vector((4,)),
    Vector((2, 3)),
    Image((2, 7, 6)),
    Image((3, 8, 8), channels_last=True),
    Discrete(5),
)
_PLAIN_ACTIONS: tuple[Space, ...] = (Discrete(3), unbounded((2,)))
