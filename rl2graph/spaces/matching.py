"""Whether a declaration in a spec allows a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rl2graph.ir.dims import Dim, Symbolic, Undecided, equal, solve, substitute
from rl2graph.spaces.types import Box, Image, Record, Space, Vector


def match_spaces(declared: Space, actual: Space, known: dict[str, Dim]) -> bool:
    """Whether a declaration in a spec allows the actual space; what its symbols then are goes into `known`.

    Bounds, offsets and layout do not count, nor does the order of a record's parts.
    """
    match declared, actual:
        case Record(), Record():
            ours, theirs = dict(declared.fields), dict(actual.fields)
            return ours.keys() == theirs.keys() and all(
                match_spaces(space, theirs[name], known) for name, space in ours.items()
            )
        case Vector() | Box(), Vector() | Box():
            return _match_shapes(declared.shape, actual.shape, known)
        case Image(), Image():
            return _match_shapes(declared.shape, actual.shape, known)
    return str(declared) == str(actual)


def _match_shapes(declared: Sequence[Dim], actual: Sequence[Dim], known: dict[str, Dim]) -> bool:
    return len(declared) == len(actual) and all(
        _match_dims(ours, theirs, known) for ours, theirs in zip(declared, actual, strict=True)
    )


def _match_dims(declared: Dim, actual: Dim, known: dict[str, Dim]) -> bool:
    try:
        return equal(substitute(declared, known), actual)
    except Undecided as question:
        solved = solve(question.left, question.right)
        if solved is not None:
            known[solved[0]] = solved[1]
        return solved is not None


def with_dims(space: Space, known: Mapping[str, Dim]) -> Space:
    """The space with what is known of its symbols put in their place."""
    match space:
        case Record():
            return Record(tuple((name, with_dims(part, known)) for name, part in space.fields))
        case Vector() | Image() | Box() if any(isinstance(dim, Symbolic) for dim in space.shape):
            shape = tuple(substitute(dim, known) for dim in space.shape)
            return replace(space, shape=shape)  # type: ignore[arg-type]
    return space
