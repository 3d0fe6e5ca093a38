"""Names put away: a binding's expression, or a definition's body, in place of its use."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits, edited
from rl2graph.testing.rewrites.places import evaluated_once
from rl2graph.testing.rewrites.reading import Reading, Statement
from rl2graph.testing.rewrites.trees import copied, names, of_type, walk


def inline_binding(reading: Reading, random: Random) -> Edits | None:
    """A binding's expression stands where it was read, and the binding is gone.

    One that owns weights, draws noise or moves statistics is read once, and where that is evaluated once.
    """
    once = {id(place.expr) for place in evaluated_once(reading)}
    found = []
    for statement in reading.statements:
        uses = _inlined_uses(reading, statement)
        if uses and (reading.work(statement.inner).is_pure or (len(uses) == 1 and id(uses[0]) in once)):
            found.append((statement, uses))
    if not found:
        return None
    statement, uses = random.choice(found)
    assert isinstance(statement.inner, ast.Bind)
    text = copied(statement.inner.value)
    gone = (statement.outer.start, statement.outer.end, "")
    return [gone, *((use.start, use.end, text) for use in uses)]


def _inlined_uses(reading: Reading, statement: Statement) -> list[ast.Name]:
    """Where a binding is read, if its expression can stand there."""
    inner = statement.inner
    if not isinstance(inner, ast.Bind) or statement.annotations or inner.shared:
        return []
    name = inner.name.text
    work = reading.work(inner)
    if name in reading.exported or reading.bound[name] > 1 or work.has_state or work.moves_statistics:
        return []
    if reading.makes_outputs(inner.value) or not _means_the_same_everywhere(reading, inner.value):
        return []
    return reading.uses(name)


def _means_the_same_everywhere(reading: Reading, expr: ast.Expr) -> bool:
    """Whether no name in an expression is bound anew in some definition or loop."""
    own = {loop.variable.text for loop in of_type(expr, ast.Loop)}
    return not own and all(reading.bound.get(name, 0) <= 1 for name in names(expr))


def expand_call(reading: Reading, random: Random) -> Edits | None:
    """The body of a macro, or of a module that is called once, stands where it was called."""
    found = list(_expansions(reading))
    return None if not found else [random.choice(found)]


def _expansions(reading: Reading) -> Iterator[tuple[int, int, str]]:
    once = {id(place.expr) for place in evaluated_once(reading)}
    annotated = {each.name for each in reading.statements if each.annotations}
    for whole, function, arguments, end in _calls(reading):
        name = function.text
        definition = reading.definitions.get(name)
        if definition is None or isinstance(definition.body, ast.Block):
            continue
        if reading.bound[name] > 1 or reading.work(definition).has_state:
            continue
        if isinstance(definition, ast.Declare) and (
            name in annotated or id(whole) not in once or len(reading.uses(name)) > 1 or definition.shared
        ):
            continue
        given = _matched(definition, arguments)
        if given is not None and _can_expand(reading, definition, given):
            yield whole.start, end, _expanded(definition.body, given)


def _calls(reading: Reading) -> Iterator[tuple[ast.Expr, ast.Name, list[ast.Argument], int]]:
    """Calls, and first stages of pipelines: the expression, the function, its arguments, and where the call
    ends.
    """
    stages = {id(stage) for pipe in of_type(reading.file, ast.Pipe) for stage in pipe.stages}
    for node in walk(reading.file):
        if isinstance(node, ast.Call) and id(node) not in stages and isinstance(node.function, ast.Name):
            yield node, node.function, node.arguments, node.end
        elif isinstance(node, ast.Pipe):
            stage = node.stages[0]
            first = ast.Argument(node.source, node.first.start, node.first.end, None, node.first)
            if isinstance(stage, ast.Name):
                yield node, stage, [first], stage.end
            elif isinstance(stage, ast.Call) and isinstance(stage.function, ast.Name):
                yield node, stage.function, [first, *stage.arguments], stage.end


def _matched(
    definition: ast.Declare | ast.Macro, arguments: list[ast.Argument]
) -> dict[str, ast.Expr] | None:
    """What each parameter of a definition is in a call; None where the call is wrong."""
    formals = [formal.name.text for formal in definition.formals]
    given: dict[str, ast.Expr] = {
        formal.name.text: formal.default for formal in definition.formals if formal.default is not None
    }
    positions = iter(formals)
    for argument in arguments:
        name = next(positions, None) if argument.keyword is None else argument.keyword.text
        if name not in formals:
            return None
        given[name] = argument.value
    return given if given.keys() == set(formals) else None


def _can_expand(reading: Reading, definition: ast.Declare | ast.Macro, given: dict[str, ast.Expr]) -> bool:
    body = definition.body
    assert not isinstance(body, ast.Block)
    loops = {loop.variable.text for loop in of_type(body, ast.Loop)}
    free = names(body) - given.keys() - loops
    if any(reading.bound.get(name, 0) > 1 for name in free):
        return False
    for formal, argument in given.items():
        if not _means_the_same_everywhere(reading, argument):
            return False
        uses = [name for name in of_type(body, ast.Name) if name.text == formal]
        work = reading.work(argument)
        plain = isinstance(argument, ast.Name) or work.is_pure
        if not plain and (len(uses) != 1 or loops or work.moves_statistics or work.has_state):
            return False
    return not reading.work(definition, *given.values()).moves_statistics


def _expanded(body: ast.Expr, given: dict[str, ast.Expr]) -> str:
    edits = [
        (name.start - body.start, name.end - body.start, copied(given[name.text]))
        for name in of_type(body, ast.Name)
        if name.text in given
    ]
    text = edited(body.span.text, edits)
    return f"({text})"
