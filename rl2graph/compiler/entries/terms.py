"""What an entry point computes, as data: a spec's outputs, applied to other inputs, in other versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

LONGEST = 60
"""Characters of what a term is called; terms that share parts would have names of any length."""


class _Term:
    """A term knows what it is called, how deep it is, and a key that two terms share where they are equal.

    All are worked out when it is made, from those of its parts, so that terms that share parts, as a rollout
    of many steps does, cost no more than their number.
    """

    __slots__ = ()
    key: str
    label: str
    depth: int

    def _describe(self, key: str, label: str, parts: tuple[Term, ...] = ()) -> None:
        digest = sha256(key.encode()).hexdigest()
        if len(label) > LONGEST:
            label = f"{label[: LONGEST - 9]}_{digest[:8]}"
        depth = 1 + max((part.depth for part in parts if isinstance(part, _Term)), default=0)
        for name, value in (("key", digest), ("label", label), ("depth", depth)):
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Term) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Input(_Term):
    """An input of the entry, of the type of the one in whose place it is: `Input("next_obs")` for `obs`."""

    name: str
    key: str = field(init=False, repr=False)
    label: str = field(init=False, repr=False)
    depth: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._describe(f"input {self.name!r}", self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Term):
    """An output of the spec as a function: `Call("q", {"act": Call("mu")})` is `q(obs, act=mu(obs))`.

    Attributes:
        output: the output's name.
        bind: for an input by its name (`act`, `obs.camera`, `joint_act.agent_1`), what stands in its place.
            A name there is an output of the spec under the same `bind` and `version`.
        version: which copy of the weights it reads, `online` or `target`; that of where it stands, the entry
            or the call around it, where None.
    """

    output: str
    bind: Mapping[str, Term] = field(default_factory=dict)
    version: str | None = None
    key: str = field(init=False, repr=False)
    label: str = field(init=False, repr=False)
    depth: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bind = Frozen(self.bind)
        object.__setattr__(self, "bind", bind)
        read = ", ".join(label_of(bind[name]) for name in sorted(bind))
        version = f"{self.version}." if self.version else ""
        label = f"{version}{self.output}({read})" if read else f"{version}{self.output}"
        self._describe(f"call {self.output!r} {bind.key} {self.version!r}", label, tuple(bind.values()))


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Apply(_Term):
    """An op without weights, by its name in the op table: `Apply("gaussian_sample", Call("pi"))`.

    Applications that are equal are one, with one draw of noise; `draw` numbers further draws.
    """

    op: str
    operands: tuple[Term, ...]
    attributes: Mapping[str, Any]
    draw: int
    key: str = field(repr=False)
    label: str = field(repr=False)
    depth: int = field(repr=False)

    def __init__(self, op: str, *operands: Term | float, draw: int = 0, **attributes: Any) -> None:
        if type(draw) is not int or draw < 0:
            raise ValueError(f"draws are numbered from 0, not {draw!r}")
        read, frozen = tuple(map(_operand, operands)), Frozen(attributes)
        for name, value in (("op", op), ("operands", read), ("attributes", frozen), ("draw", draw)):
            object.__setattr__(self, name, value)
        keys = " ".join(map(_key_of, read))
        given = (f"{name}={value!r}" for name, value in sorted(frozen.items()))
        label = f"{op}{f'_{draw}' if draw else ''}({', '.join((*map(label_of, read), *given))})"
        self._describe(f"apply {op!r} {keys} {frozen.key} {draw}", label, read)


@dataclass(frozen=True, slots=True, eq=False)
class Number(_Term):
    """A number, which is an operand of arithmetic alone; equal to another of the same bits."""

    value: float
    key: str = field(init=False, repr=False)
    label: str = field(init=False, repr=False)
    depth: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._describe(f"number {self.value.hex()}", repr(self.value))


Term = Input | Call | Apply | Number | str


def label_of(term: Term) -> str:
    """What a term is called where its value is read."""
    return term.label if isinstance(term, _Term) else term


def _key_of(value: Any) -> str:
    # As texts, numbers of two types or bits are two.
    return value.key if isinstance(value, _Term) else repr(value)


def _operand(term: Term | float) -> Term:
    if isinstance(term, bool) or not isinstance(term, Input | Call | Apply | Number | str | int | float):
        raise TypeError(f"an operand is an output by name, Call, Apply or a number, not {term!r}")
    if not isinstance(term, int | float):
        return term
    try:
        return Number(float(term))
    except OverflowError:
        raise ValueError("a number that is larger than any float") from None


class Frozen(Mapping[str, Any]):
    """A mapping that cannot change, equal to another whose values are equal in type and bits."""

    __slots__ = ("_items", "key")

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)
        self.key = str(sorted((name, _key_of(value)) for name, value in self._items.items()))

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return repr(self._items)
