"""Dims and types as text, and back.

Dims read as in arithmetic: `^` binds tightest, then `*` and `//` from left to right, then signs.
"""

from __future__ import annotations

from typing import get_args

from rl2graph.ir.dims import Atom, Dim, Product, Quotient, Symbol, Symbolic, symbol
from rl2graph.ir.textual.numbers import read_integer
from rl2graph.ir.textual.tokens import Line, UnreadableError, bare_or_quoted
from rl2graph.ir.types import DType, TensorType

_DTYPES: dict[str, DType] = {dtype: dtype for dtype in get_args(DType)}


def type_text(type_: TensorType) -> str:
    """`f32[64, n + 4]`, or `f32[?]` where the number of axes is not known."""
    return f"{type_.dtype}{'[?]' if type_.shape is None else shape_text(type_.shape)}"


def shape_text(shape: tuple[Dim, ...]) -> str:
    return f"[{', '.join([str(dim) if type(dim) is int else dim_text(dim) for dim in shape])}]"


def read_type(line: Line) -> TensorType:
    """The inverse of `type_text`."""
    at = line.at
    name = line.name("a type such as `f32[64]`")
    dtype = _DTYPES.get(name)
    if dtype is None:
        raise UnreadableError(at, f"`{name}` is no type of elements", known=_DTYPES)
    if line.next == "[" and line.tokens[line.at + 1] == "?":
        line.at += 2
        line.expect("]")
        return TensorType(dtype, None)
    return TensorType(dtype, read_shape(line))


def read_shape(line: Line) -> tuple[Dim, ...]:
    """The inverse of `shape_text`."""
    line.expect("[")
    return tuple([read_dim(line) for _ in line.items("]")])


def dim_text(dim: Dim) -> str:
    """The text of `str(dim)`, with quotes around names that are no words, however deep the dim."""
    done: list[str] = []
    waiting: list[str | Dim | Atom] = [dim]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            done.append(part)
        else:
            waiting += reversed(_parts(part))
    return "".join(done)


def _parts(dim: Dim | Atom) -> list[str | Dim | Atom]:
    match dim:
        case Symbol():
            return [bare_or_quoted(dim.name)]
        case Product():
            parts: list[str | Dim | Atom] = []
            for base, power in dim.factors:
                parts += [" * "] if parts else []
                parts += [*_bracketed(base), "" if power == 1 else f"^{power}"]
            return parts
        case Quotient():
            return [*_bracketed(dim.dim), f" // {dim.by}"]
        case Symbolic():
            return _terms(dim)
    return [str(dim)]


def _terms(dim: Symbolic) -> list[str | Dim | Atom]:
    parts: list[str | Dim | Atom] = []
    for atom, factor in dim.terms:
        leads = not parts
        sign = "-" if factor < 0 else "+"
        parts.append(("-" if factor < 0 else "") if leads else f" {sign} ")
        if abs(factor) != 1:
            parts += [f"{abs(factor)} * ", *_bracketed(Symbolic(((atom, 1),)))]
        elif leads and factor < 0 and isinstance(atom, Quotient):
            parts += ["(", atom, ")"]
        else:
            parts.append(atom)
    if dim.constant:
        parts.append(f" {'-' if dim.constant < 0 else '+'} {abs(dim.constant)}")
    return parts


def _bracketed(dim: Dim) -> list[str | Dim | Atom]:
    return [dim] if isinstance(dim, int) or _is_word(dim) else ["(", dim, ")"]


def _is_word(dim: Symbolic) -> bool:
    """Whether it needs no brackets: `n`, `n^2`."""
    if len(dim.terms) != 1 or dim.constant or dim.terms[0][1] != 1:
        return False
    atom = dim.terms[0][0]
    if isinstance(atom, Product) and len(atom.factors) == 1:
        base = atom.factors[0][0]
        return len(base.terms) == 1 and not base.constant and isinstance(base.terms[0][0], Symbol)
    return isinstance(atom, Symbol)


class _Sum:
    """A sum that is being read: its finished terms, and the term that is not."""

    def __init__(self) -> None:
        self.terms: list[Dim] = []
        self.term: Dim | None = None
        self.negative = False

    @property
    def starts(self) -> bool:
        """Whether nothing of it was read."""
        return self.term is None and not self.terms

    def operand(self, value: Dim) -> None:
        self.term = value if self.term is None else self.term * value

    def divide(self, by: int) -> None:
        assert self.term is not None
        self.term = self.term // by

    def end_term(self, negative: bool = False) -> None:
        """`negative` says whether the next term is taken away."""
        assert self.term is not None
        self.terms.append(self.term * -1 if self.negative else self.term)
        self.term, self.negative = None, negative

    def total(self) -> Dim:
        """In pairs, for adding sorts."""
        self.end_term()
        terms = self.terms
        while len(terms) > 1:
            odd = terms[-1:] if len(terms) % 2 else []
            terms = [left + right for left, right in zip(terms[::2], terms[1::2], strict=False)] + odd
        return terms[0]


def read_dim(line: Line) -> Dim:
    """The inverse of `dim_text`; what is not in the one form of dims is brought into it."""
    at = line.at
    if line.tokens[at].isdecimal() and line.tokens[at + 1] in (",", "]"):
        return read_integer(line)
    try:
        dim = _read_sum(line)
        dim_text(dim)
    except RecursionError:
        raise UnreadableError(at, "the dim is nested too deeply") from None
    except ValueError:  # Python writes no number of thousands of digits
        raise UnreadableError(at, "the dim has a number with too many digits") from None
    return dim


def _read_sum(line: Line) -> Dim:
    outer: list[_Sum] = []
    inner = _Sum()
    while True:
        if inner.starts and line.take("-"):
            inner.negative = True
        if line.take("("):
            outer.append(inner)
            inner = _Sum()
            continue
        value: Dim = read_integer(line) if line.next.isdecimal() else symbol(line.name("a dim"))
        while _ends(line, inner, value):
            if not outer:
                return inner.total()
            line.expect(")")
            value, inner = inner.total(), outer.pop()


def _ends(line: Line, inner: _Sum, value: Dim) -> bool:
    """Puts a value into a sum with what follows it; whether the sum ends there."""
    inner.operand(_raised(line, value))
    while line.take("//"):
        at = line.at
        by = read_integer(line)
        if not by:
            raise UnreadableError(at, "a dim is not divided by 0")
        inner.divide(by)
    if line.take("*"):
        return False
    if line.next in ("+", "-"):
        inner.end_term(line.next == "-")
        line.at += 1
        return False
    return True


def _raised(line: Line, base: Dim) -> Dim:
    at = line.at
    if not line.take("^"):
        return base
    power = read_integer(line)
    if isinstance(base, int) or not _is_factor(base) or power < 2:
        raise UnreadableError(at, "a power is of a symbol, a quotient or a sum, and at least 2")
    return Symbolic(((Product(((base, power),)), 1),))


def _is_factor(dim: Symbolic) -> bool:
    """Whether it can be a factor of a product, which has its own numbers and products outside."""
    if len(dim.terms) > 1 or dim.constant:
        return True
    atom, factor = dim.terms[0]
    return factor == 1 and not isinstance(atom, Product)
