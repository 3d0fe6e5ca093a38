"""Things of two graphs, paired one to one."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key", str, int)


class Pairing(Generic[Key]):
    """A bijection that grows: `forward` from A to B, `back` from B to A, and `first`, the nodes at which a
    pair was made, by what it has of A.
    """

    def __init__(self) -> None:
        self.forward: dict[Key, Key] = {}
        self.back: dict[Key, Key] = {}
        self.first: dict[Key, tuple[int, int]] = {}

    def has(self, a: Key, b: Key) -> bool:
        """Whether the two are a pair."""
        return self.forward.get(a) == b

    def join(self, a: Key, b: Key, at: tuple[int, int]) -> bool:
        """Make them a pair; false where one of them is another's."""
        if a in self.forward or b in self.back:
            return self.has(a, b)
        self.forward[a] = b
        self.back[b] = a
        self.first[a] = at
        return True

    def copy(self) -> Pairing[Key]:
        """The same pairs, to go on with apart."""
        twin: Pairing[Key] = Pairing()
        twin.forward, twin.back, twin.first = dict(self.forward), dict(self.back), dict(self.first)
        return twin
