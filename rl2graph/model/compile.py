"""`rl2graph.compile`: from a spec and spaces to a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rl2graph.checking import make_interface
from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.check import algorithm_for, check
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import Spec, as_spec, parse, without_statements
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.dims import symbols
from rl2graph.ir.graph import Graph
from rl2graph.ir.verify import verify
from rl2graph.model.compiled import CompiledModel

GRAPH = "<graph>"
"""The name of what was compiled from a graph, whose text is that of the graph."""


def compile(
    spec: Spec | Graph | str | Path,
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    algo: str | None = None,
    params: Mapping[str, Constant] | None = None,
    agents: Sequence[str] | None = None,
    level: int = 1,
    seed: int = 0,
) -> CompiledModel:
    """The model of a spec.

    Args:
        spec: a parsed spec, the path of an `.rl2` file, or the text of one; or a graph, made by hand or read
            from its text, which says itself what all else would be compiled for.
        env: the environment whose spaces to compile for: its id, or an environment of either kind.
        observation_space, action_space: the spaces themselves, gymnasium's or `rl2graph.spaces`'.
        algo: an algorithm whose contract the spec must serve; `"auto"` for the one that its roles choose.
        params: values for the spec's `param` statements.
        agents: names of the agents that `joint` is over, in the environment's order, all of these spaces;
            `joint(act)` is then the input `joint_act`, a mapping from their names.
        level: 0 runs the spec as written, 1 computes each thing once, without changing a bit of a value.
        seed: of the initial weights.

    Raises:
        DiagnosticError: with every finding about the spec, where one of them is an error.
        ValueError: an optimisation level that does not exist, a negative seed, a graph without outputs.
        TypeError: an environment and spaces; a graph with any of them, or with parameters or an algorithm.
    """
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, not {seed}")
    if isinstance(spec, Graph):
        if any(given is not None for given in (env, observation_space, action_space, algo, params, agents)):
            raise TypeError("a graph says itself what it takes: it is compiled with level and seed alone")
        return build_graph(spec, level, seed)
    parsed = as_spec(spec)
    interface = make_interface(env, observation_space, action_space, agents)
    if algo == "auto":
        analysis = check(parsed, interface, None, params)
        _raise_errors(analysis)
        assert analysis.graph is not None
        algo = algorithm_for(analysis.graph, parsed)
    analysis = check(parsed, interface, algo, params)
    _raise_errors(analysis)
    return build(analysis, level, seed, algo)


def build_graph(graph: Graph, level: int, seed: int, *, restored: bool = False) -> CompiledModel:
    """The model of a literal graph; where its weights are `restored`, owners load nothing.

    Raises:
        DiagnosticError: RLG701 where it breaks an invariant, RLG508 where it has dims without a size.
        ValueError: it has no outputs.
    """
    verify(graph, "compile was given it")
    if not graph.outputs:
        raise ValueError("the graph has no outputs, so there is nothing to compute")
    spec = without_statements(GRAPH, graph.to_text(), restored=restored)
    return build(Analysis(spec, Interface(), graph, (), {}), level, seed, None)


def build(analysis: Analysis, level: int, seed: int, algo: str | None) -> CompiledModel:
    """The model of an analysis without errors.

    Raises:
        DiagnosticError: RLG508 where a space that shapes hang on is not known, RLG106 for groups of agents.
    """
    assert analysis.graph is not None
    if analysis.groups:
        message = f"this release does not compile groups of agents yet ({', '.join(analysis.groups)})"
        raise DiagnosticError.of("RLG106", message, hint="`check`, `show` and `visualize` take them")
    if not analysis.graph.known:
        missing = [
            option
            for option, space in (
                ("observation space (--obs)", analysis.interface.observation),
                ("action space (--act)", analysis.interface.action),
            )
            if space is None
        ]
        if not missing:
            raise _open_dims(analysis)
        raise DiagnosticError.of(
            "RLG508",
            f"{analysis.spec.source.name} has shapes that hang on the environment's spaces",
            hint=f"give the environment, or the {' and the '.join(missing)}",
        )
    return CompiledModel(analysis, level, seed, algo)


def _open_dims(analysis: Analysis) -> DiagnosticError:
    """The finding about dims that stay open although the spaces are known."""
    assert analysis.graph is not None
    names = sorted(symbols(dim for node in analysis.graph.nodes for dim in node.type.shape or ()))
    if any(node.op == "joint" for node in analysis.graph.nodes):
        message = f"{analysis.spec.source.name} joins what several agents see or do"
        hint = "name the agents: `compile(…, agents=[…])`, or `--agents`; `check` and `show` need no names"
        return DiagnosticError.of("RLG508", message, hint=hint)
    shown = f" ({', '.join(f'`{name}`' for name in names)})" if names else ""
    return DiagnosticError.of(
        "RLG508",
        f"{analysis.spec.source.name} has dims that neither it nor the environment gives a size{shown}",
        hint=f"write a number for each, or `param {names[0]} = 4` above its use" if names else None,
    )


def parameter_values(model: Any) -> Mapping[str, Constant]:
    """The values of the spec's parameters that a compiled model has, each in the type of its default, where
    it can be given again.
    """
    return model._analysis.parameters if isinstance(model, CompiledModel) else {}


def rebuild(
    text: str,
    name: str,
    files: Mapping[str, str],
    interface: Interface,
    params: Mapping[str, Constant],
    level: int,
    seed: int,
    algo: str | None,
) -> CompiledModel:
    """The model that a pickle describes, with fresh weights."""
    if name == GRAPH:
        return build_graph(Graph.from_text(text), level, seed, restored=True)
    analysis = check(parse(text, name, files=files, restored=True), interface, algo, params)
    _raise_errors(analysis)
    return build(analysis, level, seed, algo)


def _raise_errors(analysis: Analysis) -> None:
    if not analysis.ok:
        raise DiagnosticError(analysis.diagnostics)
