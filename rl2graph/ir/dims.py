"""Dims that are not known yet: sums of symbols with whole coefficients, in one canonical form.

A spec that is read without its environment has shapes such as `f32[n + 4]`. Two dims are the same where their
forms are equal, different where they differ by a number, and else undecided: `equal` then asks, through
`Undecided`, whoever infers types to assume it (`rl2graph.compiler.elaboration.unify`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd

_LARGEST = 2**63
"""The largest divisor that is made of two."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A dim by name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Product:
    """A product of dims, each with its power, in the order of their texts."""

    factors: tuple[tuple[Symbolic, int], ...]

    def __str__(self) -> str:
        shown = (
            _bracketed(dim) if power == 1 else f"{_bracketed(dim)}^{power}" for dim, power in self.factors
        )
        return " * ".join(shown)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A dim divided by a number, rounded down."""

    dim: Symbolic
    by: int

    def __str__(self) -> str:
        return f"{_bracketed(self.dim)} // {self.by}"


Atom = Symbol | Product | Quotient


@dataclass(frozen=True, slots=True)
class Symbolic:
    """`2 * n + m + 3`: atoms with their coefficients, in the order of their texts, and a number."""

    terms: tuple[tuple[Atom, int], ...]
    constant: int = 0

    def __add__(self, other: Dim) -> Dim:
        left, right = dict(self.terms), _parts(other)
        for atom, factor in right[0]:
            left[atom] = left.get(atom, 0) + factor
        return _sum(left, self.constant + right[1])

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        return self + other * -1

    def __rsub__(self, other: int) -> Dim:
        return self * -1 + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, Symbolic):
            (one, powers), (two, more) = _factors(self), _factors(other)
            for dim, power in more.items():
                powers[dim] = powers.get(dim, 0) + power
            ordered = sorted(powers.items(), key=lambda factor: str(factor[0]))
            return _sum({Product(tuple(ordered)): one * two}, 0)
        return _sum({atom: factor * other for atom, factor in self.terms}, self.constant * other)

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> Dim:
        if other == 1:
            return self
        if all(factor % other == 0 for _, factor in self.terms) and self.constant % other == 0:
            return _sum({atom: factor // other for atom, factor in self.terms}, self.constant // other)
        (atom, factor), *others = self.terms
        if isinstance(atom, Quotient) and factor == 1 and not others and atom.by * other <= _LARGEST:
            # (x // a + c) // b is (x + a * c) // (a * b): a chain of poolings nests no quotients.
            return (atom.dim + self.constant * atom.by) // (atom.by * other)
        return _sum({Quotient(self, other): 1}, 0)

    def __str__(self) -> str:
        text = ""
        for atom, factor in self.terms:
            shown = str(atom)
            if abs(factor) != 1:
                shown = f"{abs(factor)} * {_bracketed(shown)}"
            elif factor < 0 and not text and isinstance(atom, Quotient):
                shown = f"({shown})"  # -(n // 2), which is not (-n) // 2
            text += (
                f" {'-' if factor < 0 else '+'} {shown}" if text else f"{'-' if factor < 0 else ''}{shown}"
            )
        if self.constant:
            text += f" {'-' if self.constant < 0 else '+'} {abs(self.constant)}"
        return text


Dim = int | Symbolic


class Undecided(Exception):
    """Two dims that are equal only if something is assumed of their symbols."""

    def __init__(self, left: Dim, right: Dim) -> None:
        super().__init__(left, right)
        self.left = left
        self.right = right


def symbol(name: str) -> Symbolic:
    """The dim that is called `name`."""
    return Symbolic(((Symbol(name), 1),))


def equal(left: Dim, right: Dim) -> bool:
    """Whether two dims are the same.

    Raises:
        Undecided: where that hangs on their symbols.
    """
    if left == right:
        return True
    if isinstance(left, int) and isinstance(right, int):
        return False
    difference = left - right
    if isinstance(difference, int) or difference.constant % gcd(*(factor for _, factor in difference.terms)):
        return False  # they differ by a number, or are never equal in whole numbers: 2 * n and 7
    raise Undecided(left, right)


def surely_more(left: Dim, right: Dim) -> bool:
    """Whether `left` is larger, whatever the symbols stand for."""
    difference = left - right
    return isinstance(difference, int) and difference > 0


def symbols(dims: Iterable[Dim]) -> set[str]:
    """Names of the symbols in some dims."""
    found: set[str] = set()
    for dim in dims:
        if isinstance(dim, Symbolic):
            for atom, _ in dim.terms:
                match atom:
                    case Symbol():
                        found.add(atom.name)
                    case Product():
                        found |= symbols(dim for dim, _ in atom.factors)
                    case Quotient():
                        found |= symbols((atom.dim,))
    return found


def substitute(dim: Dim, known: Mapping[str, Dim]) -> Dim:
    """The dim with what is known of its symbols put in their place."""
    if isinstance(dim, int):
        return dim
    total: Dim = dim.constant
    for atom, factor in dim.terms:
        value: Dim
        match atom:
            case Symbol():
                value = known.get(atom.name, _sum({atom: 1}, 0))
            case Product():
                value = 1
                for base, power in atom.factors:
                    value = value * _power(substitute(base, known), power)
            case Quotient():
                value = substitute(atom.dim, known) // atom.by
        total = total + value * factor
    return total


def solve(left: Dim, right: Dim) -> tuple[str, Dim] | None:
    """A symbol and what it must be for two dims to be equal; None where no symbol can be singled out."""
    difference = left - right
    if isinstance(difference, int):
        return None
    (only, times), *others = difference.terms
    if isinstance(only, Symbol) and not others:
        quotient, remainder = divmod(-difference.constant, times)
        return None if remainder else (only.name, quotient)
    for atom, factor in difference.terms:
        if isinstance(atom, Symbol) and abs(factor) == 1:
            rest = (difference - _sum({atom: factor}, 0)) * -factor
            if atom.name not in symbols((rest,)):
                return atom.name, rest
    return None


def _factors(dim: Symbolic) -> tuple[int, dict[Symbolic, int]]:
    """A dim as a number times dims with their powers."""
    if len(dim.terms) == 1 and dim.constant == 0:
        atom, factor = dim.terms[0]
        if isinstance(atom, Product):
            return factor, dict(atom.factors)
        return factor, {Symbolic(((atom, 1),)): 1}
    return 1, {dim: 1}


def _power(dim: Dim, power: int) -> Dim:
    """By squaring: powers of symbols grow with the depth of a spec."""
    result: Dim = 1
    while power:
        if power % 2:
            result = dim * result
        dim, power = dim * dim, power // 2
    return result


def _parts(dim: Dim) -> tuple[tuple[tuple[Atom, int], ...], int]:
    return ((), dim) if isinstance(dim, int) else (dim.terms, dim.constant)


def _sum(terms: Mapping[Atom, int], constant: int) -> Dim:
    kept = sorted(((atom, factor) for atom, factor in terms.items() if factor), key=lambda term: str(term[0]))
    return Symbolic(tuple(kept), constant) if kept else constant


def _bracketed(dim: Dim | str) -> str:
    text = str(dim)
    return f"({text})" if " " in text or text.startswith("-") else text
