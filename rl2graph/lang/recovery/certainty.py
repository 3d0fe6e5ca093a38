"""Whether a tree can mean anything, so that a mend which makes it may have been meant."""

from __future__ import annotations

from rl2graph.lang import ast

_LITERALS = (ast.Integer, ast.Float, ast.String, ast.Boolean, ast.ListOf)


def makes_sense(node: object) -> bool:
    """Whether each call under a node is one of a name, with arguments, and no literal is taken apart."""
    if isinstance(node, list | tuple):
        return all(makes_sense(item) for item in node)
    if not isinstance(node, ast.Syntax):
        return True
    match node:
        case ast.Call(function=function, arguments=arguments):
            named = [argument.keyword is not None for argument in arguments]
            callable_ = isinstance(function, ast.Name | ast.Attribute)
            if not (callable_ and arguments and named == sorted(named)):
                return False
        case ast.Index(value=value) | ast.Attribute(value=value):
            if isinstance(value, _LITERALS):
                return False
        case ast.Pipe(stages=stages):
            if any(isinstance(stage, _LITERALS) for stage in stages):
                return False
    slots = type(node).__slots__
    return all(makes_sense(getattr(node, name)) for name in slots)
