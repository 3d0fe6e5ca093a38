"""The reference interpreter, for specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rl2graph.backend.numerics import float64
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.checking import make_interface
from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import Spec, as_spec
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import EFFECTS, Mode, with_effects
from rl2graph.model.compiled import CompiledModel
from rl2graph.model.weights import initial_weights


def interpreted(
    spec: Spec | str | Path | CompiledModel,
    inputs: Mapping[str, Any],
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    params: Mapping[str, Constant] | None = None,
    agents: Sequence[str] | None = None,
    weights: Mapping[str, Tensor] | None = None,
    seed: int = 0,
    mode: Mode = "evaluate",
    state: Mapping[str, Tensor] | None = None,
    resets: Tensor | None = None,
    noise: Mapping[str, Tensor] | None = None,
) -> dict[str, Any]:
    """What a spec means: its outputs in float64, by the reference interpreter.

    It runs the literal graph node by node in the plainest torch, merges nothing, and shares no code with
    what `rl2graph.compile` emits.

    Args:
        spec: a spec, its path or its text, or a model, whose weights are read.
        inputs: by name, each `[batch axes…, sample axes…]` or a mapping of parts, as models take them.
        env, observation_space, action_space, params, agents: as for `rl2graph.compile`.
        weights: by `<owner path>.<name>`; the initial ones of `seed` where left out.
        mode: what happens beside values, as in `CompiledModel.entry`.
        state, resets, noise: as entries take them.

    Returns:
        Outputs and losses by name; `state` and `statistics` where there are any.

    Raises:
        DiagnosticError: a spec that has an error.
    """
    if isinstance(spec, CompiledModel):
        graph, weights = spec._literal, spec.state_dict() if weights is None else weights
    else:
        interface = make_interface(env, observation_space, action_space, agents)
        graph = literal_graph(as_spec(spec), interface, params)
    if weights is None:
        weights = initial_weights(seed, graph.owners)
    values = {key: value.detach().double() for key, value in weights.items()}
    with float64(), torch.no_grad():
        return interpret(
            with_effects(graph, EFFECTS[mode]), inputs, values, state=state, resets=resets, noise=noise
        )


def literal_graph(spec: Spec, interface: Interface, params: Mapping[str, Constant] | None = None) -> Graph:
    """The graph of a spec, one node per evaluation.

    Raises:
        DiagnosticError: with every finding about the spec, where one of them is an error.
    """
    analysis = analyse(spec, interface, params)
    if not analysis.ok:
        raise DiagnosticError(analysis.diagnostics)
    assert analysis.graph is not None
    return analysis.graph
