"""What an entry point computes, as data: a spec's outputs, applied to other inputs, in other versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the entry, of the type of the one in whose place it is: `Input("next_obs")` for `obs`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "bind", Frozen(self.bind))


@dataclass(frozen=True, slots=True, init=False)
class Apply:
    """An op without weights, by its name in the op table: `Apply("gaussian_sample", Call("pi"))`.

    Applications that are equal are one, with one draw of noise; `draw` numbers further draws.
    """

    op: str
    operands: tuple[Term, ...]
    attributes: Mapping[str, Any]
    draw: int

    def __init__(self, op: str, *operands: Term | float, draw: int = 0, **attributes: Any) -> None:
        for name, value in (
            ("op", op),
            ("operands", tuple(map(_operand, operands))),
            ("attributes", Frozen(attributes)),
            ("draw", draw),
        ):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number, which is an operand of arithmetic alone; equal to another of the same bits."""

    value: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.value.hex() == other.value.hex()

    def __hash__(self) -> int:
        return hash(self.value.hex())


Term = Input | Call | Apply | Number | str


def _operand(term: Term | float) -> Term:
    if isinstance(term, bool) or not isinstance(term, Input | Call | Apply | Number | str | int | float):
        raise TypeError(f"an operand is an output by name, Call, Apply or a number, not {term!r}")
    return Number(float(term)) if isinstance(term, int | float) else term


class Frozen(Mapping[str, Any]):
    """A mapping that cannot change, equal to another whose values are equal in type and bits."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return repr(self._items)

    def _key(self) -> frozenset[tuple[str, Any]]:
        # As texts, numbers of two types or bits are two.
        return frozenset(
            (name, value if isinstance(value, Input | Call | Apply | Number) else repr(value))
            for name, value in self._items.items()
        )
