"""Types as specs write them, `f32[12]`, to spaces."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Source, Span, misspelt
from rl2graph.ir.dims import Dim, Symbolic, symbol
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_type
from rl2graph.spaces import Discrete, Image, MultiBinary, MultiDiscrete, Record, Space, Vector, unbounded

TYPES = ("f32", "image", "discrete", "multi_discrete", "multi_binary", "box")
MAX_ELEMENTS = 100_000_000
MAX_PARTS = 1_000

EvaluateDim = Callable[[ast.Expr], object]


def space_of(type_: ast.TypeOf, evaluate: EvaluateDim) -> Space:
    """The space that a type names; `evaluate` gives the value of each dim, a number or a symbol.

    Raises:
        DiagnosticError: RLG206, RLG212, RLG303 or RLG304.
    """
    if isinstance(type_, ast.RecordTypeOf):
        return _record(type_, evaluate)
    name = type_.name.text
    if name not in TYPES:
        known = f"the types are {', '.join(TYPES)}"
        message = f"unknown type `{name}`"
        raise DiagnosticError([misspelt("RLG212", message, type_.name.span, name, TYPES, known)])
    dims = tuple(_dim(dim, evaluate(dim)) for dim in type_.dims)
    if prod(dim for dim in dims if isinstance(dim, int)) > MAX_ELEMENTS:
        raise DiagnosticError.of("RLG304", f"a space has at most {MAX_ELEMENTS:,} elements", type_.span)
    match name:
        case "image":
            if len(dims) != 3:
                raise _wrong(type_.span, "an image has 3 dims", "image[channels, height, width]")
            return Image((dims[0], dims[1], dims[2]))
        case "discrete":
            counts = _counts(type_, dims)
            if len(counts) != 1:
                example = "discrete[6]" + ("`, or `multi_discrete[3, 4]" if len(counts) > 1 else "")
                raise _wrong(type_.span, "`discrete` has one number", example)
            return Discrete(counts[0])
        case "multi_discrete" if not dims:
            raise _wrong(type_.span, "`multi_discrete` needs its numbers of choices", "multi_discrete[3, 4]")
        case "multi_discrete":
            return MultiDiscrete(_counts(type_, dims))
        case "multi_binary" | "box" if not dims:
            raise _wrong(type_.span, f"`{name}` needs its dims", f"{name}[4]")
        case "multi_binary":
            return MultiBinary.of(_counts(type_, dims))
    return Vector(dims) if name == "f32" else unbounded(dims)


def space_from_text(text: str, option: str) -> Space:
    """The space of a command-line option such as `--obs 'f32[4]'`."""
    type_ = parse_type(Source(option, text))
    return space_of(type_, _literal)


def _literal(dim: ast.Expr) -> object:
    match dim:
        case ast.Integer():
            return dim.value
        case ast.Name():
            return symbol(dim.text)
    return None


def _record(type_: ast.RecordTypeOf, evaluate: EvaluateDim) -> Record:
    if not type_.fields:
        raise _wrong(type_.span, "a record has at least one part", "{ camera: image[3, 84, 84] }")
    if len(type_.fields) > MAX_PARTS:
        raise DiagnosticError.of("RLG304", f"a record has at most {MAX_PARTS:,} parts", type_.span)
    first: dict[str, ast.Identifier] = {}
    parts = []
    for name, part in type_.fields:
        earlier = first.setdefault(name.text, name)
        if earlier is not name:
            labels = (Label(earlier.span, "the first time"),)
            message = f"the record has two parts `{name.text}`"
            raise DiagnosticError([Diagnostic("RLG206", message, name.span, labels=labels)])
        parts.append((name.text, space_of(part, evaluate)))
    return Record(tuple(parts))


def _dim(expr: ast.Expr, value: object) -> Dim:
    if isinstance(value, Symbolic):
        return value
    if type(value) is not int:
        raise DiagnosticError.of("RLG303", "a dim is a whole number or the name of a dim", expr.span)
    if value < 1:
        raise DiagnosticError.of("RLG304", f"a dim is at least 1, not {value}", expr.span)
    return value


def _counts(type_: ast.TensorTypeOf, dims: tuple[Dim, ...]) -> tuple[int, ...]:
    for expr, dim in zip(type_.dims, dims, strict=True):
        if not isinstance(dim, int):
            message = f"`{type_.name.text}` counts choices: a whole number, not the dim `{dim}`"
            raise DiagnosticError.of("RLG303", message, expr.span)
    return tuple(dim for dim in dims if isinstance(dim, int))


def _wrong(span: Span, message: str, example: str) -> DiagnosticError:
    return DiagnosticError.of("RLG212", message, span, f"write it like `{example}`")
