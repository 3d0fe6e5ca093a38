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
    found: list[str] = []
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
