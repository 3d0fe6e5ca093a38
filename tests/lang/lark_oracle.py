"""The tree that Lark's own parser gives, made into ours: what the fast parser is held against."""

from __future__ import annotations

from functools import cache

import lark

from rl2graph.diagnostics import Source
from rl2graph.lang import ast, grammar
from rl2graph.lang.builder import Builder
from rl2graph.lang.lexer import Tokens

# Where the values stand among a rule's symbols, for rules with optional ones.
TAKEN = {
    "annotation": [1, 3],
    "bind": [0, 1, 2, 4],
    "declare": [0, 1, 2, 4, 6],
    "macro": [1, 3, 5],
    "exported": [0, 2, 4],
    "ensemble": [2, 4, 5, 7],
    "block": [1],
    "formal": [0, 2],
    "tensor_type": [0, 2],
    "record_type": [1],
    "call": [0, 2],
    "list_": [1],
}
VALUES = {"NAME", "INT", "FLOAT", "STRING", "KIND", "SHARED", "PLUS", "MINUS", "STAR", "SLASH", "VERSION"}


@cache
def plain_parser() -> lark.Lark:
    return grammar.build()


def lark_tree(text: str) -> list[ast.Statement]:
    """The statements of `text` as Lark reads it; raises what Lark raises."""
    tree = plain_parser().parse(text, start="start")
    leaves = list(tree.scan_values(lambda value: isinstance(value, lark.Token)))
    leaves.sort(key=lambda token: token.start_pos)
    tokens = Tokens(
        text, [t.type for t in leaves], [t.start_pos for t in leaves], [t.end_pos for t in leaves]
    )
    places = {token.start_pos: index for index, token in enumerate(leaves)}
    builder = Builder(Source("t", text), tokens, hollow=True)

    def made(node):
        """The value of a tree, and the characters of its first and last leaf."""
        if node is None:
            return None, None, None
        if isinstance(node, lark.Token):
            return places[node.start_pos], node.start_pos, node.end_pos
        children = [made(child) for child in node.children]
        starts = [start for _, start, _ in children if start is not None]
        ends = [end for _, _, end in children if end is not None]
        if node.data in TAKEN:
            values = [children[index][0] for index in TAKEN[node.data]]
        else:
            values = [
                value
                for (value, _, _), child in zip(children, node.children, strict=True)
                if not isinstance(child, lark.Token) or child.type in VALUES | {"TRUE", "FALSE"}
            ]
        start, end = (min(starts), max(ends)) if starts else (0, 0)
        return getattr(builder, str(node.data))(start, end, *values), start, end

    (_, statements), _, _ = made(tree)
    return statements


def places(value: object) -> object:
    """Everything in a tree with the characters that it stands for."""
    if isinstance(value, list | tuple):
        return [places(item) for item in value]
    if isinstance(value, ast.Syntax):
        names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        return type(value).__name__, [places(getattr(value, n)) for n in sorted(names) if n != "source"]
    return value
