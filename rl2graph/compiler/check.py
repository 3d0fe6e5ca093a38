"""A spec held against spaces and an algorithm: what `check` says, and what everything else starts with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rl2graph.compiler.analysis import Analysis, analyse
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.loads import load_findings
from rl2graph.compiler.spec import Spec
from rl2graph.contracts import Contract, choose_algorithm, contract_of
from rl2graph.contracts.check import check_contract
from rl2graph.contracts.fitting import idle_losses, misfits
from rl2graph.contracts.problem import Problem
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Span
from rl2graph.ir.graph import LOSS, Graph
from rl2graph.lang import ast


def check(
    spec: Spec,
    interface: Interface,
    algorithm: str | None = None,
    overrides: Mapping[str, Constant] | None = None,
) -> Analysis:
    """The analysis of a spec, with the contract's findings where an algorithm is named.

    Raises:
        DiagnosticError: RLG506 for an algorithm that does not exist.
    """
    contract = None if algorithm is None else contract_of(algorithm)
    return held_against(analyse(spec, interface, overrides), contract)


def held_against(analysis: Analysis, contract: Contract | None) -> Analysis:
    """The analysis with what is wrong with the files that it loads, and with what a contract finds; both only
    where the spec itself has no errors.
    """
    spec, graph = analysis.spec, analysis.graph
    if graph is None:
        return analysis
    if (
        spec.folder is not None
        and not spec.restored
        and any(owner.load is not None for owner in graph.owners)
    ):
        loads = tuple(load_findings(graph, spec.folder))
        analysis = replace(analysis, diagnostics=(*analysis.diagnostics, *loads))
    if contract is None:
        odd = () if analysis.groups else (*misfits(graph, analysis.interface.action), *idle_losses(graph))
        shown = (_diagnostic(spec, graph, problem) for problem in odd)
        return replace(analysis, diagnostics=(*analysis.diagnostics, *shown))
    if analysis.groups:
        message = f"no algorithm of this release trains groups of agents ({', '.join(analysis.groups)})"
        found = Diagnostic("RLG106", message, _last_statement(spec))
        return replace(analysis, diagnostics=(*analysis.diagnostics, found))
    problems = check_contract(graph, contract, analysis.interface.action)
    problems += () if problems else (*_unread_outputs(graph, contract), *idle_losses(graph))
    failures = tuple(_diagnostic(spec, graph, problem) for problem in problems)
    return replace(analysis, diagnostics=analysis.diagnostics + failures)


def _unread_outputs(graph: Graph, contract: Contract) -> Iterator[Problem]:
    """Outputs with a role that the algorithm does not know."""
    name = contract.algorithm.upper()
    for output in graph.outputs:
        if output.role not in (None, "aux", LOSS, *contract.roles):
            message = f"{name} does not read the output `{output.name}`"
            hint = "leave it out, or give it the role `aux`"
            yield Problem("RLG906", message, hint, output.node)


def algorithm_for(graph: Graph, spec: Spec) -> str:
    """The algorithm that the outputs' roles choose.

    Raises:
        DiagnosticError: RLG505, at the end of the spec.
    """
    try:
        return choose_algorithm(output.role for output in graph.outputs)
    except DiagnosticError as error:
        found = tuple(replace(d, span=_last_statement(spec)) for d in error.diagnostics)
        raise DiagnosticError(found) from None


def _diagnostic(spec: Spec, graph: Graph, problem: Problem) -> Diagnostic:
    span = _last_statement(spec)
    if problem.node is not None:
        place = graph.where(problem.node)
        span = place.span if place is not None and place.span is not None else span
    for statement in spec.tree.statements:
        if isinstance(statement, ast.Loss) and statement.name.text == problem.loss:
            span = statement.span
        if isinstance(statement, ast.Input) and statement.name.text == problem.input:
            span = statement.type.span
    return Diagnostic(problem.code, problem.message, span, hint=problem.hint)


def _last_statement(spec: Spec) -> Span:
    return spec.tree.statements[-1].span
