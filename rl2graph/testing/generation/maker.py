"""The program under construction: what it has bound so far, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from rl2graph.ir.types import TensorType
from rl2graph.spaces import Leaf, Space
from rl2graph.testing.generation.calls import Caller, Known, drawable, has_effect
from rl2graph.testing.generation.definitions import Definition
from rl2graph.testing.generation.spaces import parts, presented


class Maker:
    """A program that grows statement by statement.

    Attributes:
        random: where every choice comes from.
        values: what can be read, inputs first. `bound`: bindings by name, with their texts.
        unread: bindings that are outputs unless something reads them.
        caller: draws applications of the ops that programs are made of; `effects`, of those with effects;
            `bodies`, for definitions, which are there to share weights.
        head: statements at the top of the file; `lines`: those below.
    """

    def __init__(self, random: Random, observation: Space, unstable: bool, nested: float) -> None:
        self.random = random
        self.values: list[Known] = []
        self.read("obs", observation)
        self.bound: dict[str, str] = {}
        self.unread: list[str] = []
        self.definitions: list[Definition] = []
        self.parameters: dict[int, str] = {}
        tries = 3 if nested else 1
        ops = drawable(unstable)
        weighted = 0.2 if nested else 0.0
        self.caller = Caller(random, ops, nested, self.parameters, tries, weighted)
        self.bodies = replace(self.caller, weighted=3 * weighted)
        self.effects = Caller(random, list(filter(has_effect, ops)), nested, self.parameters, tries)
        self.head: list[str] = []
        self.lines: list[str] = []

    def fresh(self, letter: str) -> str:
        """A name that nothing has: the letter, and the number of lines."""
        return f"{letter}{len(self.lines)}"

    def read(self, name: str, space: Space) -> None:
        """Let what follows read an input that is there without a declaration."""
        self.values += [Known(text, presented(leaf)) for text, leaf in parts(space, name)]

    def declare(self, name: str, space: Leaf) -> Known:
        """An input of a space, declared at the top of the file."""
        self.head.append(f"input {name}: {space}")
        value = Known(name, presented(space))
        self.values.append(value)
        return value

    def bind(self, text: str, type_: TensorType, before: str = "", dead: bool = False) -> None:
        """A binding of an expression; `before` it, annotations and words that make it an ensemble.

        A `dead` one is no output, whether or not anything reads it.
        """
        name = self.fresh("n")
        self.lines.append(f"{before}{name} = {text}")
        if not before:
            self.bound[name] = text
        if not dead:
            self._read(text)
            self.unread.append(name)
        self.values.append(Known(name, type_))

    def floats(self, *ranks: int) -> list[Known]:
        """The values that are floats, of these numbers of axes where any are given."""
        return [
            value
            for value in self.values
            if value.type.dtype == "f32" and (not ranks or len(value.type.dims) in ranks)
        ]

    def _read(self, text: str) -> None:
        """Most of what is read is no output then."""
        for name in [name for name in self.unread if name in text]:
            if self.random.random() < 0.7:
                self.unread.remove(name)

    def finish(self, roles: Sequence[str] = ("pi",)) -> str:
        """The text: the heads of some roles and the outputs come last."""
        if not self.unread:
            self.bind("detach(" + self.values[0].name + ")", self.values[0].type)
        outputs = list(dict.fromkeys(self.unread))
        for role in roles:
            vectors = self.floats(1)
            if vectors:
                vector = vectors[-1]
                self.lines.append(f"{role} = head({vector.name})")
                outputs = [name for name in outputs if name != vector.name] + [role]
        return "\n".join([*self.head, *self.lines, f"output {', '.join(outputs)}"]) + "\n"
