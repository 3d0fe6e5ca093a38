"""Other names for what callers cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rl2graph.ir.inits import INITS
from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits
from rl2graph.testing.rewrites.reading import Reading
from rl2graph.testing.rewrites.trees import of_type

Found = tuple[ast.Identifier, list[ast.Name | ast.Identifier]]
"""A name where it is bound, and where it is used."""


def rename(reading: Reading, random: Random) -> Edits | None:
    """A binding, definition, parameter of a definition or binding inside one gets another name.

    Outputs, roles, inputs, parameters of the spec and whatever names state keep theirs.
    """
    found = [*_at_the_top(reading), *_inside(reading)]
    if not found:
        return None
    bound, uses = random.choice(found)
    name = reading.fresh(random.choice(["r", "long_name_", "Renamed"]))
    return [(node.start, node.end, name) for node in (bound, *uses)]


def _at_the_top(reading: Reading) -> Iterator[Found]:
    for statement in reading.statements:
        inner = statement.inner
        if not isinstance(inner, ast.Bind | ast.Ensemble | ast.Declare | ast.Macro):
            continue
        name = inner.name.text
        if reading.bound[name] > 1 or name in reading.exported or name in INITS:
            continue
        loads = any(annotation.name.text == "load" for annotation in statement.annotations)
        names_state = not isinstance(inner, ast.Macro) and reading.work(inner).has_state
        if not (loads or names_state):
            yield inner.name, [*reading.uses(name)]


def _inside(reading: Reading) -> Iterator[Found]:
    for definition in reading.definitions.values():
        for formal in definition.formals:
            if _bound_once_in(definition, formal.name.text):
                keywords = _keywords(reading, definition, formal.name.text)
                if keywords is not None:
                    yield formal.name, [*_uses_in(definition, formal.name.text), *keywords]
        if isinstance(definition.body, ast.Block) and not reading.work(definition).has_state:
            for each in definition.body.statements:
                if isinstance(each, ast.Bind):
                    name = each.name.text
                    if _bound_once_in(definition, name) and reading.bound[name] == 1:
                        yield each.name, [*_uses_in(definition, name)]


def _bound_once_in(definition: ast.Declare | ast.Macro, name: str) -> bool:
    identifiers = [node for node in of_type(definition, ast.Identifier) if node.text == name]
    return len(identifiers) == 1


def _uses_in(definition: ast.Declare | ast.Macro, name: str) -> list[ast.Name]:
    return [node for node in of_type(definition, ast.Name) if node.text == name]


def _keywords(
    reading: Reading, definition: ast.Declare | ast.Macro, formal: str
) -> list[ast.Identifier] | None:
    """Where calls name a parameter; None where the definition is passed on, and called who knows how."""
    name = definition.name.text
    calls = reading.calls.get(name, [])
    if reading.bound[name] > 1 or len(calls) + reading.piped.get(name, 0) < len(reading.uses(name)):
        return None
    return [
        argument.keyword
        for call in calls
        for argument in call.arguments
        if argument.keyword is not None and argument.keyword.text == formal
    ]
