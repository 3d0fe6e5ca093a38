"""Types as specs write them, `f32[12]`, to spaces."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from rl2graph.diagnostics import DiagnosticError, Source, Span, did_you_mean
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_type
from rl2graph.spaces import Discrete, Image, Space, Vector, unbounded

TYPES = ("f32", "image", "discrete", "box")
MAX_ELEMENTS = 100_000_000
LATER = ("multi_discrete", "multi_binary")

EvaluateDim = Callable[[ast.Expr], object]


def space_of(type_: ast.TypeOf, evaluate: EvaluateDim) -> Space:
    """The space that a type names; `evaluate` gives the value of each dim.

    Raises:
        DiagnosticError: RLG212, RLG303, RLG304 or RLG106.
    """
    if isinstance(type_, ast.RecordTypeOf):
        raise DiagnosticError.of("RLG106", "this release does not compile record types yet", type_.span)
    name = type_.name.text
    if name in LATER:
        raise DiagnosticError.of("RLG106", f"this release does not compile `{name}` yet", type_.name.span)
    if name not in TYPES:
        hint = did_you_mean(name, (*TYPES, *LATER)) or f"the types are {', '.join(TYPES)}"
        raise DiagnosticError.of("RLG212", f"unknown type `{name}`", type_.name.span, hint)
    dims = tuple(_dim(dim, evaluate(dim)) for dim in type_.dims)
    if prod(dims) > MAX_ELEMENTS:
        raise DiagnosticError.of("RLG304", f"a space has at most {MAX_ELEMENTS:,} elements", type_.span)
    if name == "image":
        if len(dims) != 3:
            raise _wrong(type_.span, "an image has 3 dims", "image[channels, height, width]")
        return Image((dims[0], dims[1], dims[2]))
    if name == "discrete":
        if len(dims) != 1:
            raise _wrong(type_.span, "a discrete space has one number", "discrete[6]")
        return Discrete(dims[0])
    if not dims:
        raise _wrong(type_.span, f"`{name}` needs its dims", f"{name}[4]")
    return Vector(dims) if name == "f32" else unbounded(dims)


def space_from_text(text: str, option: str) -> Space:
    """The space of a command-line option such as `--obs 'f32[4]'`."""
    type_ = parse_type(Source(option, text))
    return space_of(type_, _literal)


def _literal(dim: ast.Expr) -> object:
    return dim.value if isinstance(dim, ast.Integer) else None


def _dim(expr: ast.Expr, value: object) -> int:
    if type(value) is not int:
        raise DiagnosticError.of("RLG303", "a dim is a whole number", expr.span)
    if value < 1:
        raise DiagnosticError.of("RLG304", f"a dim is at least 1, not {value}", expr.span)
    return value


def _wrong(span: Span, message: str, example: str) -> DiagnosticError:
    return DiagnosticError.of("RLG212", message, span, f"write it like `{example}`")
