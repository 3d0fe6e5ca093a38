"""Definitions that nothing calls: their bodies are checked as far as that goes without operands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration import statements
from rl2graph.compiler.elaboration.builder import GraphBuilder
from rl2graph.compiler.elaboration.diagnose import Context, LimitReached
from rl2graph.compiler.elaboration.elaborate import Elaborator
from rl2graph.compiler.elaboration.inputs import Inputs
from rl2graph.compiler.elaboration.scope import Namer, Scope
from rl2graph.compiler.elaboration.values import POISON, MacroFunction, ModuleFunction, Namespace
from rl2graph.compiler.limits import Limits
from rl2graph.diagnostics import DiagnosticError
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.files.toplevel import FileRunner


def check_uncalled(runner: FileRunner, limits: Limits) -> None:
    """Report what is wrong with the bodies of the definitions that no call has run."""
    functions = [*_uncalled(runner.scope), *_uncalled(runner.group_scope)]
    if not functions:
        return
    elaborator = _scratch(runner.elaborator, limits)
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
    context = Context(scope, Namer(tree.name.text, module=tree.name.text), None)
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


def _scratch(elaborator: Elaborator, limits: Limits) -> Elaborator:
    """An elaborator that knows the same names and reports to the same place, and whose graph is dropped."""
    builder = GraphBuilder(limits)
    inputs = Inputs(elaborator.inputs.interface, builder)
    inputs.declared.update(elaborator.inputs.declared)
    scratch = Elaborator(builder, inputs, elaborator.reporter, limits)
    scratch.definitions.later = elaborator.definitions.later
    return scratch
