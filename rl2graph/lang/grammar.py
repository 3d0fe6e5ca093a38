"""The one grammar, `grammars/rl2.lark`, as LALR(1) tables that Lark makes.

Making tables takes Lark about 0.1 s and importing Lark half as long, so the package ships them as
`tables.json`, written by `python -m rl2graph.lang.grammar` and used only while they stand for this very
grammar. Lark itself is loaded only where they are stale.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rl2graph.shipped import shipped

if TYPE_CHECKING:
    import lark

STARTS = ["start", "type"]
TABLES = Path(__file__).with_name("tables.json")

# Terminals that mean nothing once the parser has seen them; no node of the tree is made from one.
_SIGNS = ["AT", "PIPE", "EQUAL", "COMMA", "COLON", "DOT", "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE"]
_HEADS = [
    "DEF",
    "PARAM",
    "INPUT",
    "OUTPUT",
    "LOSS",
    "IMPORT",
    "AS",
    "ENSEMBLE",
    "AGENTS",
    "RETURN",
    "FOR",
    "IN",
]
_PUNCTUATION = frozenset([*_SIGNS, *_HEADS, "_SEP"])
_WORD = re.compile(r"\(?([a-z|]+)\)?\\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """A reduction: `size` symbols become one `origin`, made by the builder's `method` (None: passed on).

    `picks` are the symbols that the method takes, None for an optional one that is absent; `spread` those of
    them that are lists to be taken item by item.
    """

    origin: str
    size: int
    method: str | None
    picks: list[int | None]
    spread: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tables:
    """What lexer and parser run on. Actions in `rows` are a state to go to, or `-1 - n`: reduce by rule n."""

    fingerprint: str
    terminals: dict[str, str]
    words: dict[str, str]
    rules: list[Rule]
    rows: list[dict[str, int]]
    starts: dict[str, int]
    ends: dict[str, int]


def grammar_path() -> Path:
    """The grammar file: package data in a wheel, the repository's `grammars/` in an editable install."""
    return shipped("grammars/rl2.lark")


@cache
def grammar_text() -> str:
    """The text of the grammar."""
    return grammar_path().read_text(encoding="utf-8")


def fingerprint() -> str:
    """What shipped tables must match: the text of the grammar, and this file, which says what they hold."""
    return sha256(grammar_text().encode() + Path(__file__).read_bytes()).hexdigest()


def build() -> lark.Lark:
    """Lark's own parser for the grammar: what the tables come from, and what tests hold them against."""
    import lark

    from rl2graph.lang.layout import SeparatorFilter

    return lark.Lark(
        grammar_text(), parser="lalr", start=STARTS, maybe_placeholders=True, postlex=SeparatorFilter()
    )


@cache
def load() -> Tables:
    """The shipped tables, or new ones where those are stale."""
    try:
        data = json.loads(TABLES.read_text(encoding="utf-8"))
        if data["fingerprint"] == fingerprint():
            return Tables(**{**data, "rules": [Rule(**rule) for rule in data["rules"]]})
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return make()


def make() -> Tables:
    """The tables of the grammar as it stands, made by Lark."""
    parser: Any = build()
    states = parser.parser.parser._parse_table.states
    numbers = {rule: number for number, rule in enumerate(parser.rules)}
    # Lark numbers states and orders rows as sets happen to iterate; sorted, equal grammars give equal files.
    order = _numbering(states, parser.parser.parser._parse_table.start_states)
    rows: list[dict[str, int]] = [{} for _ in order]
    for state, row in states.items():
        if state in order:
            rows[order[state]] = {
                symbol: order[target] if action.name == "Shift" else -1 - numbers[target]
                for symbol, (action, target) in sorted(row.items())
                if target in order or target in numbers
            }
    table = parser.parser.parser._parse_table
    return Tables(
        fingerprint(),
        {t.name: t.pattern.to_regexp() for t in parser.terminals if t.name not in ("_SEP", "BLANK")},
        {word: t.name for t in parser.terminals for word in _words(t.pattern.to_regexp())},
        [_rule(rule, parser.rules) for rule in parser.rules],
        rows,
        {name: order[state] for name, state in table.start_states.items()},
        {name: order[state] for name, state in table.end_states.items()},
    )


def write_tables() -> Path:
    """Write `tables.json` for the grammar as it stands."""
    TABLES.write_text(json.dumps(asdict(make()), separators=(",", ":")) + "\n", encoding="utf-8")
    return TABLES


def _numbering(states: dict[int, Any], starts: dict[str, int]) -> dict[int, int]:
    """States by the order in which a walk from the start states over sorted symbols meets them."""
    order: dict[int, int] = {}
    waiting = [starts[name] for name in sorted(starts, reverse=True)]
    while waiting:
        state = waiting.pop()
        if state not in order:
            order[state] = len(order)
            moves = [
                target for _, (action, target) in sorted(states[state].items()) if action.name == "Shift"
            ]
            waiting += reversed(moves)
    return order


def _words(regexp: str) -> list[str]:
    match = _WORD.fullmatch(regexp)
    return match[1].split("|") if match else []


def _rule(rule: Any, rules: list[Any]) -> Rule:
    symbols = [symbol.name for symbol in rule.expansion]
    kept: list[int | None] = [index for index, name in enumerate(symbols) if name not in _PUNCTUATION]
    if rule.options.empty_indices:
        kept = _with_absent(rule, rules)
    method = rule.alias or rule.origin.name
    if rule.options.expand1 and rule.alias is None and len(kept) == 1:
        method = None
    if rule.origin.name.startswith("__"):
        method = "more" if symbols[0] == rule.origin.name else "first"
        return Rule(rule.origin.name, len(symbols), method, kept)
    spread = [index for index, name in enumerate(symbols) if name.startswith("__")]
    return Rule(rule.origin.name, len(symbols), method, kept, spread)


def _with_absent(rule: Any, rules: list[Any]) -> list[int | None]:
    """The symbols that a rule keeps, None where its fullest sibling has one that this leaves out."""
    indices = iter(range(len(rule.expansion)))
    slots = [None if absent else next(indices) for absent in rule.options.empty_indices]
    names = [None if slot is None else rule.expansion[slot].name for slot in slots]
    for other in rules:
        if other.options.empty_indices:
            continue
        full = [symbol.name for symbol in other.expansion]
        same = (other.origin, other.alias, len(full)) == (rule.origin, rule.alias, len(slots))
        if same and all(name in (None, whole) for name, whole in zip(names, full, strict=True)):
            return [slot for slot, whole in zip(slots, full, strict=True) if whole not in _PUNCTUATION]
    raise AssertionError(f"no fullest form of {rule}")


if __name__ == "__main__":
    print(write_tables())
