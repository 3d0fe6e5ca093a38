"""Other orders: of statements that do not depend on each other, and of keywords."""

from __future__ import annotations

from random import Random

from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits
from rl2graph.testing.rewrites.reading import Reading, Statement, Work, binds
from rl2graph.testing.rewrites.trees import names, of_type, walk

_MOVED = ast.Bind | ast.Ensemble | ast.Declare | ast.Macro | ast.Loss | ast.Output
MOST = 50
"""Statements that are reordered together, at most: each is held against each."""

_CALLERS = ast.Loss | ast.Output
_NOTHING = Work(frozenset(), frozenset(), frozenset(), frozenset())


def reorder(reading: Reading, random: Random) -> Edits | None:
    """Statements in another order in which each still comes after what it reads.

    Evaluations that move one module's statistics, or name its state, keep their order.
    """
    runs = [run for run in _runs(reading) if len(run) > 1]
    if not runs:
        return None
    run = random.choice(runs)
    first = random.randint(0, max(0, len(run) - MOST))
    run = run[first : first + MOST]
    order = _drawn_order(_predecessors(reading, run), random)
    texts = [run[index].outer.span.text for index in order]
    places = [(each.outer.start, each.outer.end) for each in run]
    return [(start, end, text) for (start, end), text in zip(places, texts, strict=True)]


def _runs(reading: Reading) -> list[list[Statement]]:
    """Statements with none between them that stays where it is (inputs, parameters, imports, agents)."""
    runs: list[list[Statement]] = [[]]
    for statement in reading.statements:
        if isinstance(statement.inner, _MOVED):
            runs[-1].append(statement)
        else:
            runs.append([])
    return runs


def _predecessors(reading: Reading, run: list[Statement]) -> list[set[int]]:
    """For each statement, the earlier ones that must stay before it."""
    reads = [_reads(statement) for statement in run]
    bound = [{name.text for node in walk(each.outer) for name in binds(node)} for each in run]
    works = [_work(reading, statement) for statement in run]
    before: list[set[int]] = []
    for index, statement in enumerate(run):
        before.append(
            {
                earlier
                for earlier in range(index)
                if bound[earlier] & (reads[index] | bound[index])
                or reads[earlier] & bound[index]
                or works[earlier].conflicts(works[index])
                or (isinstance(statement.inner, _CALLERS) and isinstance(run[earlier].inner, _CALLERS))
            }
        )
    return before


def _reads(statement: Statement) -> set[str]:
    found = names(statement.outer)
    if isinstance(statement.inner, ast.Output):
        found |= {item.name.text for item in statement.inner.items}
    return found


def _work(reading: Reading, statement: Statement) -> Work:
    """What running the statement evaluates: a definition evaluates nothing."""
    if isinstance(statement.inner, ast.Declare | ast.Macro):
        return _NOTHING
    return reading.work(statement.inner)


def _drawn_order(before: list[set[int]], random: Random) -> list[int]:
    order: list[int] = []
    waiting = [set(each) for each in before]
    ready = [index for index, each in enumerate(waiting) if not each]
    while ready:
        index = ready.pop(random.randrange(len(ready)))
        order.append(index)
        for other, each in enumerate(waiting):
            if index in each:
                each.remove(index)
                if not each:
                    ready.append(other)
    return order


def permute_keywords(reading: Reading, random: Random) -> Edits | None:
    """The keywords of a call in another order."""
    found = []
    for call in of_type(reading.file, ast.Call):
        given = [argument for argument in call.arguments if argument.keyword is not None]
        work = reading.work(*given)
        if len(given) > 1 and not (work.moves_statistics or work.has_state):
            found.append(given)
    if not found:
        return None
    given = random.choice(found)
    order = list(given)
    while order == given:
        random.shuffle(order)
    return [(here.start, here.end, there.span.text) for here, there in zip(given, order, strict=True)]
