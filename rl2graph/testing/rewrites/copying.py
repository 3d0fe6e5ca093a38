"""More of the same: a pure call again, and branches that reach no output."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rl2graph.ir.roles import ROLES
from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits
from rl2graph.testing.rewrites.places import after
from rl2graph.testing.rewrites.reading import Reading, Statement
from rl2graph.testing.rewrites.trees import copied


def duplicate_call(reading: Reading, random: Random) -> Edits | None:
    """A binding whose evaluation owns nothing is written twice, and some of its readers read the copy.

    Not one that names a state: where all readers read the copy, the state goes by the copy's name.
    """
    found = [
        (statement, uses)
        for statement, uses in _read_again(reading)
        if reading.work(statement.inner).is_pure and not reading.work(statement.inner).names_state
    ]
    return None if not found else copy_for_some(reading, random, *random.choice(found))


def copy_for_some(reading: Reading, random: Random, statement: Statement, uses: list[ast.Name]) -> Edits:
    """The edits that bind an expression once more, and let some of the readers read that."""
    assert isinstance(statement.inner, ast.Bind)
    name = reading.fresh("d")
    chosen = random.sample(uses, random.randint(1, len(uses)))
    text = f"{name} = {copied(statement.inner.value)}"
    return [after(statement, reading, text), *((use.start, use.end, name) for use in chosen)]


def _read_again(reading: Reading) -> Iterator[tuple[Statement, list[ast.Name]]]:
    for statement in reading.statements:
        if isinstance(statement.inner, ast.Bind) and not statement.annotations:
            name = statement.inner.name.text
            uses = reading.uses(name)
            hidden = reading.bound[name] > 1 or (name in ROLES and not reading.has_outputs)
            if uses and not hidden:
                yield statement, uses


def inject_dead_branch(reading: Reading, random: Random) -> Edits | None:
    """Bindings, or a definition, that reach no output."""
    found = [
        statement
        for statement in reading.statements
        if isinstance(statement.inner, ast.Bind)
        and "head" not in reading.work(statement.inner).ops
        and not statement.inner.shared
        and not reading.makes_outputs(statement.inner.value)
    ]
    if not found:
        return None
    statement = random.choice(found)
    assert isinstance(statement.inner, ast.Bind)
    name = reading.fresh("dead")
    roll = random.random()
    if roll < 0.2:
        text = f"def {name}(x) = x |> dense(3) |> batch_norm"
    elif roll < 0.4:
        text = f"encoder {name}(x) {{ h = dense(x, 3); return lstm(h, 4) }}"
    else:
        second = reading.fresh(f"{name}_more")
        more = f"; {second} = {name}" if random.random() < 0.5 else ""
        text = f"{name} = {copied(statement.inner.value)}{more}"
    return [after(statement, reading, text)]
