"""The parser's loop over Lark's LALR(1) tables, building the tree as it reduces.

Lark's own loop is not used: it makes an object for every token and calls a function for each of the
precedence levels that an operand passes, which more than doubles the time; and recovery wants the tokens and
the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from rl2graph.diagnostics import Source
from rl2graph.lang import grammar
from rl2graph.lang.builder import Builder
from rl2graph.lang.lexer import END, FOREIGN, Tokens

_Pick = Callable[[list[Any]], Sequence[Any]]


class Stuck(Exception):
    """No statement goes on with the token `index`; `states` is the parser's stack before it."""

    def __init__(self, index: int, states: list[int]) -> None:
        super().__init__(index)
        self.index = index
        self.states = states


class _Reduction(NamedTuple):
    size: int
    origin: str
    make: Callable[..., Any] | None  # None: the one symbol is passed on as it is
    pick: _Pick | None  # None: all symbols


_Action = int | _Reduction
_ACCEPT = _Reduction(0, "", None, None)


@dataclass(frozen=True, slots=True)
class _Machine:
    rows: list[dict[str, _Action]]
    starts: dict[str, int]


def parse(source: Source, tokens: Tokens, rule: str = "start", hollow: bool = False) -> Any:
    """What the builder makes of `tokens`; for `start` a version or None, and a list of statements.

    `hollow` lets blocks be empty: recovery parses a statement without what stands in its block.

    Raises:
        Stuck: where a token cannot stand.
        NumberTooLong, UnknownEscape, EmptyBlock: as the builder finds them.
    """
    machine = _machine()
    rows = machine.rows
    kinds, token_starts, token_ends = tokens.kinds, tokens.starts, tokens.ends
    builder = Builder(source, tokens, hollow)
    state = machine.starts[rule]
    states = [state]
    values: list[Any] = []
    begins: list[int] = []  # where each value's first token starts
    index = 0
    kind = kinds[0]
    end = 0  # of the last token that was shifted
    while True:
        action = rows[state].get(kind)
        if action.__class__ is int:
            state = action
            states.append(state)
            values.append(index)
            begins.append(token_starts[index])
            end = token_ends[index]
            index += 1
            kind = kinds[index]
            continue
        if action is None:
            raise Stuck(index, states)
        size, origin, make, pick = action  # type: ignore[misc]
        if size == 1:
            if pick is not None:
                values[-1] = make(builder, begins[-1], end, *pick(values[-1:]))  # type: ignore[misc]
            elif make is not None:
                values[-1] = make(builder, begins[-1], end, values[-1])
            states[-1] = state = rows[states[-2]][origin]  # type: ignore[assignment]
            continue
        if size == 0:
            return values[0]
        children = values[-size:]
        del values[1 - size :], begins[1 - size :], states[-size:]
        values[-1] = make(builder, begins[-1], end, *(pick(children) if pick else children))  # type: ignore[misc]
        state = rows[states[-1]][origin]  # type: ignore[assignment]
        states.append(state)


def expected(states: list[int]) -> set[str]:
    """The kinds of token that can stand where the parser is stuck with this stack."""
    tables = grammar.load()
    row = tables.rows[states[-1]]
    return {kind for kind in row if kind.isupper() or kind == END if _shifts(tables, states, kind)}


def _shifts(tables: grammar.Tables, states: list[int], kind: str) -> bool:
    """Whether `kind` is shifted, and not refused after the reductions that it causes."""
    below = list(states)
    while True:
        if below[-1] in tables.ends.values():
            return kind == END
        action = tables.rows[below[-1]].get(kind)
        if action is None or action >= 0:
            return action is not None
        rule = tables.rules[-1 - action]
        del below[-rule.size :]
        below.append(tables.rows[below[-1]][rule.origin])


@cache
def _machine() -> _Machine:
    tables = grammar.load()
    reductions = [_reduction(rule) for rule in tables.rules]
    rows: list[dict[str, _Action]] = []
    for row in tables.rows:
        actions: dict[str, _Action] = {
            symbol: action if action >= 0 else reductions[-1 - action] for symbol, action in row.items()
        }
        # A word of the language is a name wherever it means nothing.
        if "NAME" in row:
            for word in tables.words.values():
                actions.setdefault(word, actions["NAME"])
            if "TRUE" not in row:
                actions[FOREIGN] = actions["NAME"]
        rows.append(actions)
    for state in tables.ends.values():
        rows[state][END] = _ACCEPT
    return _Machine(rows, tables.starts)


def _reduction(rule: grammar.Rule) -> _Reduction:
    make = None if rule.method is None else getattr(Builder, rule.method)
    if rule.spread:
        return _Reduction(rule.size, rule.origin, make, _spreading(rule))
    if rule.picks == list(range(rule.size)):
        return _Reduction(rule.size, rule.origin, make, None)
    return _Reduction(rule.size, rule.origin, make, _picking(rule.picks))


def _picking(picks: list[int | None]) -> _Pick:
    if len(picks) == 1 and picks[0] is not None:
        return itemgetter(slice(picks[0], picks[0] + 1))
    if None not in picks:
        return itemgetter(*picks)
    get = itemgetter(*(-1 if pick is None else pick for pick in picks), -1)

    def pick_with_absent(children: list[Any]) -> Sequence[Any]:
        children.append(None)
        return get(children)[:-1]  # type: ignore[no-any-return]

    return pick_with_absent


def _spreading(rule: grammar.Rule) -> _Pick:
    def pick_items(children: list[Any]) -> list[Any]:
        taken: list[Any] = []
        for index in rule.picks:
            assert index is not None
            if index in rule.spread:
                taken += children[index]
            else:
                taken.append(children[index])
        return taken

    return pick_items
