"""Definitions that nothing calls: their bodies are checked as far as that goes without operands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import statements
from rl2graph.compiler.elaboration.diagnose import Context, LimitReached
from rl2graph.compiler.elaboration.elaborate import Elaborator
from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.values import POISON, MacroFunction, ModuleFunction, Namespace
from rl2graph.diagnostics import DiagnosticError
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.files.toplevel import FileRunner


def check_uncalled(runner: FileRunner) -> None:
    """Report what is wrong with the bodies of the definitions that no call has run."""
    functions = [*_uncalled(runner.scope), *_uncalled(runner.group_scope)]
    if not functions:
        return
    elaborator = runner.elaborator
    with elaborator.inputs.kept(), elaborator.builder.kept():
        for function in functions:
            if not function.expanded:
                try:
                    check_body(elaborator, function)
                except LimitReached as limit:
                    elaborator.reporter.report(limit.diagnostic)
                    return


def check_body(elaborator: Elaborator, function: MacroFunction | ModuleFunction) -> None:
    """Run a definition's body on parameters of which nothing is known."""
    tree = function.tree
    scope = Scope(function.scope, until=function.moment)
    namer = Namer(f"{tree.name.text}#", module=f"{tree.name.text}#")  # a path that no name can take
    context = Context(scope, namer, None)
    for formal in tree.formals:
        if formal.default is not None:
            elaborator.evaluate(formal.default, context)
        try:
            elaborator.definitions.declare(scope, formal.name, POISON, "parameter").read = True
        except DiagnosticError as error:
            elaborator.reporter.report_all(error, context)
    elaborator.definitions.expanding.append(tree.name.text)
    try:
        if isinstance(tree.body, ast.Block):
            statements.run_block(elaborator, tree.body, context, tail=True)
        else:
            elaborator.evaluate(tree.body, context, tail=True)
    except DiagnosticError as error:
        elaborator.reporter.report_all(error, context)
    finally:
        elaborator.definitions.expanding.pop()


def _uncalled(scope: Scope) -> Iterator[MacroFunction | ModuleFunction]:
    for binding in scope.bindings.values():
        value = binding.value
        if isinstance(value, MacroFunction | ModuleFunction) and not value.expanded:
            yield value
        elif isinstance(value, Namespace) and not value.shipped:
            yield from _uncalled(value.scope)
