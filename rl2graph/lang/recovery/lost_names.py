"""What a statement that cannot be read seems to bind, so that nothing is said of what reads it."""

from __future__ import annotations

from collections.abc import Iterable

from rl2graph.lang import ast
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import Tokens

_UNBOUND = frozenset(
    ["NAME", "COLON", "INT", "FLOAT", "STRING", "UNKNOWN"]
)  # after a name that lacks its `=`
_NAMING = frozenset(["PARAM", "INPUT", "LOSS", "AS", "DEF", "KIND", "SHARED", "OUTPUT"])


def seemingly_bound(tokens: Tokens) -> list[str]:
    """The names that a broken statement seems to bind.

    `output` among them stands for an `output` statement that is lost; as a word of the language it names
    nothing else.
    """
    kinds = tokens.kinds
    found = _several(tokens)
    depth = 0
    for index, kind in enumerate(kinds[:-1]):
        depth = max(0, depth + (kind in CLOSING) - (kind in CLOSING.values()))
        if kind != "NAME":
            continue
        before, after = kinds[index - 1] if index else SEPARATOR, kinds[index + 1]
        binds = after == "EQUAL" and before not in ("LPAR", "COMMA")
        named = before in _NAMING or (
            before == "NAME" and index <= 2 and after in ("LPAR", "COLON", "LBRACE")
        )
        if (depth == 0 and (binds or named)) or (before == SEPARATOR and after in _UNBOUND):
            found.append(tokens.word(index))
    if kinds[0] == "OUTPUT":
        found.append("output")
    return list(dict.fromkeys(found))


def _several(tokens: Tokens) -> list[str]:
    """The names of `a, b = …`, which other languages would bind."""
    kinds = tokens.kinds
    names: list[str] = []
    for index in range(0, len(kinds) - 1, 2):
        if kinds[index] != "NAME":
            break
        names.append(tokens.word(index))
        if kinds[index + 1] != "COMMA":
            return names if kinds[index + 1] == "EQUAL" else []
    return []


def bound(statements: Iterable[ast.Statement]) -> list[str]:
    """The names that statements bind, with `output` as in `seemingly_bound`."""
    found: list[str] = []
    for statement in statements:
        while isinstance(statement, ast.Annotated):
            statement = statement.statement
        if isinstance(statement, ast.Output):
            found += [item.name.text for item in statement.items if item.value is not None]
            found.append("output")
        elif isinstance(statement, ast.Agents):
            found += bound(statement.body.statements)
        elif not isinstance(statement, ast.Return):
            found.append(statement.name.text)
    return found
