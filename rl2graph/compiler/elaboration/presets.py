"""The presets, as a scope above that of every file."""

from __future__ import annotations

from functools import cache

from rl2graph.compiler.elaboration.scope import Binding, Scope
from rl2graph.compiler.elaboration.values import MacroFunction
from rl2graph.compiler.spec import prelude
from rl2graph.lang import ast


@cache
def presets() -> Scope:
    """The definitions of `prelude.rl2`, in one scope for the whole process."""
    scope = Scope()
    macros = [statement for statement in prelude().tree.statements if isinstance(statement, ast.Macro)]
    for index, macro in enumerate(macros):
        moment = index - len(macros)  # before anything of any file
        value = MacroFunction(macro, scope, moment)
        scope.bindings[macro.name.text] = Binding(
            macro.name.text, value, macro.name.span, moment, "definition", read=True
        )
    return scope
