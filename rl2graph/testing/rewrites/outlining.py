"""Names introduced: a part of an expression becomes a binding, a whole one a macro or a module."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rl2graph.compiler.interface import INPUTS
from rl2graph.ir.table import OPS
from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits, edited
from rl2graph.testing.rewrites.places import Place, before, evaluated_once, is_name
from rl2graph.testing.rewrites.reading import Reading, Statement
from rl2graph.testing.rewrites.trees import of_type


def outline_binding(reading: Reading, random: Random) -> Edits | None:
    """A part of an expression gets a name, in a binding before the statement."""
    found = [
        (place.statement, start, end)
        for place in evaluated_once(reading)
        if not (isinstance(place.statement.inner, ast.Loss) and reading.makes_outputs(place.expr))
        for start, end in _parts(reading, place)
    ]
    if not found:
        return None
    statement, start, end = random.choice(found)
    name = reading.fresh("t")
    text = _on_lines(reading.text[start:end])
    return [before(statement, reading, f"{name} = {text}"), (start, end, name)]


def _parts(reading: Reading, place: Place) -> Iterator[tuple[int, int]]:
    """The tensors that a place stands for: a call, or the first stages of a pipeline."""
    expr = place.expr
    if isinstance(expr, ast.Call) and _gives_a_tensor(reading, expr) and _may_move(reading, expr):
        yield expr.start, expr.end
    if isinstance(expr, ast.Pipe):
        for count in range(1, len(expr.stages) + 1):
            stages = expr.stages[:count]
            if _gives_a_tensor(reading, stages[-1]) and _may_move(reading, expr.first, *stages):
                yield expr.start, stages[-1].end


def _gives_a_tensor(reading: Reading, stage: ast.Expr) -> bool:
    """Whether a call, or a stage of a pipeline, is of something that is known to give one tensor."""
    function = stage.function if isinstance(stage, ast.Call) else stage
    known = {name for name, op in OPS.items() if op.written} | reading.definitions.keys()
    return isinstance(function, ast.Loop) or is_name(function, known)


def _may_move(reading: Reading, *parts: ast.Expr) -> bool:
    """Whether parts of an expression can be evaluated before the rest of it, and under another name."""
    work = reading.work(*parts)
    return not (work.has_state or work.moves_statistics or "head" in work.ops)


def outline_macro(reading: Reading, random: Random) -> Edits | None:
    """The expression of a binding becomes the body of a macro."""
    return _enclosed(reading, random, "def")


def outline_module(reading: Reading, random: Random) -> Edits | None:
    """The expression of a binding becomes the body of a module, which is called once."""
    return _enclosed(reading, random, random.choice(["encoder", "module"]))


def _enclosed(reading: Reading, random: Random, word: str) -> Edits | None:
    found = [
        statement
        for statement in reading.statements
        if isinstance(statement.inner, ast.Bind)
        and not statement.annotations
        and not statement.inner.shared
        and _may_move(reading, statement.inner.value)
    ]
    if not found:
        return None
    statement = random.choice(found)
    assert isinstance(statement.inner, ast.Bind)
    value = statement.inner.value
    readable = sorted({name.text for name in _arguments(reading, statement)})
    chosen = [name for name in readable if random.random() < 0.7]
    formals = _fresh_names(reading, len(chosen))
    stands_for = dict(zip(chosen, formals, strict=True))
    edits = [
        (name.start - value.start, name.end - value.start, stands_for[name.text])
        for name in of_type(value, ast.Name)
        if name.text in stands_for
    ]
    body = _on_lines(edited(value.span.text, edits))
    name = reading.fresh("m")
    definition = f"{word} {name}({', '.join(formals)}) = {body}"
    call = f"{name}({', '.join(chosen)})"
    return [before(statement, reading, definition), (value.start, value.end, call)]


def _arguments(reading: Reading, statement: Statement) -> Iterator[ast.Name]:
    """The names in a binding's expression that are tensors for certain, and can be arguments."""
    assert isinstance(statement.inner, ast.Bind)
    tensors = {
        each.name
        for each in reading.statements
        if isinstance(each.inner, ast.Bind | ast.Ensemble) and reading.bound[each.name or ""] == 1
    }
    tensors |= {name for name in INPUTS if name not in reading.bound}
    value = statement.inner.value
    apart = {id(node.value) for node in of_type(value, ast.Attribute)}
    apart |= {id(node.value) for node in of_type(value, ast.Index)}
    in_parts = {name.text for name in of_type(value, ast.Name) if id(name) in apart}
    for name in of_type(value, ast.Name):
        if name.text in tensors and name.text not in in_parts:
            yield name


def _fresh_names(reading: Reading, count: int) -> list[str]:
    stem = reading.fresh("a")
    return [f"{stem}_{number}" for number in range(count)]


def _on_lines(text: str) -> str:
    """An expression that may take several lines."""
    return f"({text})" if "\n" in text else text
