"""What a call of a model is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from rl2graph.ir.graph import Graph


def given_inputs(graph: Graph, obs: Any, act: Tensor | None, inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """All inputs of a graph by name.

    Raises:
        TypeError: one that is missing, or that the graph does not have.
    """
    given = {"obs": obs, **({} if act is None else {"act": act}), **inputs}
    missing = [name for name in graph.inputs if name not in given]
    unknown = [name for name in given if name not in graph.inputs]
    if missing or unknown:
        problem = f"missing: {', '.join(missing)}" if missing else f"unknown: {', '.join(unknown)}"
        raise TypeError(f"inputs of this model are {', '.join(graph.inputs)}; {problem}")
    return given


def reads_only_obs(graph: Graph, node: int) -> bool:
    """Whether a value depends on no input but `obs`."""
    live = graph.live([node])
    return all(
        other.input_name == "obs"
        for index, other in enumerate(graph.nodes)
        if live[index] and other.op == "input"
    )
